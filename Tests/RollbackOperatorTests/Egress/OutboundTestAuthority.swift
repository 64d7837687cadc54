import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate with its key, as PEM.
struct OutboundTestIdentity {
  let certificate: [UInt8]
  let key: [UInt8]
}

/// A certificate authority made for one test.
struct OutboundTestAuthority {
  private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
  private let certificate: Certificate
  let pem: [UInt8]

  init(_ commonName: String = "test-ca") throws {
    let name = try DistinguishedName { CommonName(commonName) }
    certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
      notValidBefore: Date(timeIntervalSinceNow: -86_400), notValidAfter: Date(timeIntervalSinceNow: 86_400),
      issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
      },
      issuerPrivateKey: key)
    pem = Array(try certificate.serializeAsPEM().pemString.utf8)
  }

  func issue(
    _ commonName: String, host: String = "localhost", validUntil: TimeInterval = 3_600
  ) throws -> OutboundTestIdentity {
    let own = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let issued = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: own.publicKey,
      notValidBefore: Date(timeIntervalSinceNow: -7_200), notValidAfter: Date(timeIntervalSinceNow: validUntil),
      issuer: certificate.subject, subject: try DistinguishedName { CommonName(commonName) },
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        SubjectAlternativeNames([.dnsName(host)])
      },
      issuerPrivateKey: key)
    return OutboundTestIdentity(
      certificate: Array(try issued.serializeAsPEM().pemString.utf8),
      key: Array(try own.serializeAsPEM().pemString.utf8))
  }
}
