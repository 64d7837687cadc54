import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate with its private key, both in PEM.
public struct CertificateAndKey: Sendable {
  public var certificate: String
  public var privateKey: String
}

/// A certificate authority that exists for one local cluster.
struct CertificateAuthority: Sendable {
  /// The authority's own certificate in PEM.
  let certificate: String
  private let subject: DistinguishedName
  private let key: Certificate.PrivateKey

  /// Makes a new key and a self-signed certificate for it.
  init(commonName: String) throws(ClusterError) {
    self.subject = try certificateStep { try DistinguishedName { CommonName(commonName) } }
    let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    self.key = key
    self.certificate = try Self.sign(
      subject: subject, publicKey: key.publicKey, issuer: subject, issuerKey: key, validFor: .seconds(3650 * 86_400),
      extensions: {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: key.publicKey)
      })
  }

  /// A certificate for a client.
  ///
  /// - Parameter validFor: counted from now; negative for a certificate that has expired already.
  func issueClient(commonName: String, organizations: [String], validFor: Duration) throws(ClusterError)
    -> CertificateAndKey
  {
    let key = P256.Signing.PrivateKey()
    let publicKey = Certificate.PublicKey(key.publicKey)
    let subject = try certificateStep {
      try DistinguishedName {
        for organization in organizations { OrganizationName(organization) }
        CommonName(commonName)
      }
    }
    let usage = try certificateStep { try ExtendedKeyUsage([.clientAuth]) }
    let certificate = try Self.sign(
      subject: subject, publicKey: publicKey, issuer: self.subject, issuerKey: self.key, validFor: validFor,
      extensions: {
        Critical(KeyUsage(digitalSignature: true))
        usage
      })
    return CertificateAndKey(certificate: certificate, privateKey: key.pemRepresentation)
  }

  /// A certificate for a server.
  func issueServer(commonName: String, names: [String], addresses: [[UInt8]], validFor: Duration) throws(ClusterError)
    -> CertificateAndKey
  {
    let key = P256.Signing.PrivateKey()
    let alternatives =
      names.map { GeneralName.dnsName($0) }
      + addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
    let subject = try certificateStep { try DistinguishedName { CommonName(commonName) } }
    let usage = try certificateStep { try ExtendedKeyUsage([.serverAuth]) }
    let certificate = try Self.sign(
      subject: subject, publicKey: Certificate.PublicKey(key.publicKey), issuer: self.subject, issuerKey: self.key,
      validFor: validFor,
      extensions: {
        Critical(KeyUsage(digitalSignature: true))
        usage
        SubjectAlternativeNames(alternatives)
      })
    return CertificateAndKey(certificate: certificate, privateKey: key.pemRepresentation)
  }

  private static func sign(
    subject: DistinguishedName, publicKey: Certificate.PublicKey, issuer: DistinguishedName,
    issuerKey: Certificate.PrivateKey, validFor: Duration,
    @ExtensionsBuilder extensions: () -> Result<Certificate.Extensions, any Error>
  ) throws(ClusterError) -> String {
    try certificateStep {
      // A day back, so that a clock that was just set does not matter.
      let now = Date()
      let certificate = try Certificate(
        version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
        notValidBefore: now.addingTimeInterval(-86_400),
        notValidAfter: now.addingTimeInterval(Double(validFor.components.seconds)),
        issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
        extensions: try extensions().get(), issuerPrivateKey: issuerKey)
      return try certificate.serializeAsPEM().pemString + "\n"
    }
  }
}

/// A key pair that signs service accounts' tokens, in PEM.
struct SigningKey: Sendable {
  let privateKey: String
  let publicKey: String

  init() {
    let key = P256.Signing.PrivateKey()
    privateKey = key.pemRepresentation
    publicKey = key.publicKey.pemRepresentation
  }
}

private func certificateStep<Result>(_ body: () throws -> Result) throws(ClusterError) -> Result {
  do {
    return try body()
  } catch {
    throw ClusterError(.files, "could not make a certificate: \(error)")
  }
}
