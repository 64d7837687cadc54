import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate with its key, as PEM.
struct TestIdentity {
  let certificate: String
  let key: String

  /// Key and chain in one file, as a pod-certificate volume holds them.
  var bundle: String { key + "\n" + certificate }
}

/// A certificate authority made for one test.
struct TestAuthority {
  let name: DistinguishedName
  private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
  let certificate: Certificate

  init(_ commonName: String = "test-ca", notAfter: Date = Date(timeIntervalSinceNow: 86_400)) throws {
    name = try DistinguishedName { CommonName(commonName) }
    certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
      notValidBefore: Date(timeIntervalSinceNow: -86_400), notValidAfter: notAfter, issuer: name, subject: name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
      },
      issuerPrivateKey: key)
  }

  var pem: String {
    get throws { try certificate.serializeAsPEM().pemString }
  }

  func issue(
    _ commonName: String, host: String = "localhost", address: [UInt8] = [127, 0, 0, 1],
    validFrom: TimeInterval = -3_600,
    validUntil: TimeInterval = 3_600,
    key: Certificate.PrivateKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
  ) throws -> TestIdentity {
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
      notValidBefore: Date(timeIntervalSinceNow: validFrom), notValidAfter: Date(timeIntervalSinceNow: validUntil),
      issuer: name, subject: try DistinguishedName { CommonName(commonName) }, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        SubjectAlternativeNames([.dnsName(host), .ipAddress(ASN1OctetString(contentBytes: address[...]))])
      },
      issuerPrivateKey: self.key)
    return TestIdentity(
      certificate: try certificate.serializeAsPEM().pemString, key: try key.serializeAsPEM().pemString)
  }
}
