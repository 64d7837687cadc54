import NIOSSL
import SwiftASN1
import X509

/// The blocks of a PEM file that matter here.
struct PEMBlocks {
  var certificates: [PEMDocument] = []
  var keys: [PEMDocument] = []
  var hasEncryptedKey = false

  init(_ bytes: [UInt8], origin: String) throws(CredentialError) {
    let documents: [PEMDocument]
    do {
      documents = try PEMDocument.parseMultiple(pemString: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw CredentialError("\(origin) is not PEM: \(Unreadable.cause(error))")
    }
    for document in documents {
      switch document.discriminator {
      case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE": certificates.append(document)
      case "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY": keys.append(document)
      case "ENCRYPTED PRIVATE KEY": hasEncryptedKey = true
      default: continue  // EC PARAMETERS and whatever else stands in such files
      }
    }
  }
}

/// Why a library refuses a PEM file, a certificate or a key.
private enum Unreadable {
  /// The kind of the error alone: what ASN.1 readers say beyond it repeats the text that they read, the private key
  /// beside a certificate included.
  static func cause(_ error: any Error) -> String {
    if let error = error as? ASN1Error { return "\(error.code)" }
    return OneLine.text("\(error)", limit: OneLine.shortLimit)
  }
}

/// Certificates that may have signed the server's.
struct CertificateAuthority: Sendable {
  let roots: [NIOSSLCertificate]
  /// The subjects, for error messages.
  let subjects: [String]

  init(_ bytes: [UInt8], origin: String) throws(CredentialError) {
    let blocks = try PEMBlocks(bytes, origin: origin)
    guard !blocks.certificates.isEmpty else {
      throw CredentialError(
        "the certificate authority \(origin) holds no certificate; give the cluster's CA in PEM form")
    }
    do {
      roots = try blocks.certificates.map { try NIOSSLCertificate(bytes: $0.derBytes, format: .der) }
      subjects = try blocks.certificates.map { "\(try Certificate(pemDocument: $0).subject)" }
    } catch {
      throw CredentialError(
        "the certificate authority \(origin) holds a certificate that cannot be read: \(Unreadable.cause(error))")
    }
  }
}

/// A client certificate with its chain and the key that belongs to it.
struct ClientCertificate: Sendable {
  /// The leaf first, as TLS wants it, whatever its place in the file.
  let chain: [NIOSSLCertificate]
  let key: NIOSSLPrivateKey
  let expiry: CertificateExpiry

  /// - Parameter keyBytes: the key's file; `nil` when it stands beside the certificate.
  init(_ bytes: [UInt8], key keyBytes: [UInt8]?, origin: String, keyOrigin: String) throws(CredentialError) {
    let blocks = try PEMBlocks(bytes, origin: origin)
    let keyBlocks = if let keyBytes { try PEMBlocks(keyBytes, origin: keyOrigin) } else { blocks }
    guard !blocks.certificates.isEmpty else { throw CredentialError("\(origin) holds no certificate") }
    guard let keyDocument = keyBlocks.keys.last else {
      throw CredentialError(
        keyBlocks.hasEncryptedKey
          ? "the private key of \(keyOrigin) is encrypted with a pass phrase; give it unencrypted (openssl "
            + "pkey -in … -out …)"
          : keyBytes == nil
            ? "\(origin) holds no private key; give the key's file too"
            : "\(keyOrigin) holds no private key")
    }
    let certificates: [Certificate]
    let publicKey: Certificate.PublicKey
    do {
      certificates = try blocks.certificates.map { try Certificate(pemDocument: $0) }
    } catch {
      throw CredentialError("\(origin) holds a certificate that cannot be read: \(Unreadable.cause(error))")
    }
    do {
      publicKey = try Certificate.PrivateKey(pemDocument: keyDocument).publicKey
    } catch {
      throw CredentialError("the private key of \(keyOrigin) cannot be read: \(Unreadable.cause(error))")
    }
    guard let leaf = certificates.firstIndex(where: { $0.publicKey == publicKey }) else {
      throw CredentialError(
        "the private key of \(keyOrigin) does not belong to the certificate of \(origin) "
          + "(\(certificates[0].subject)); give "
          + "the key that the certificate was made for")
    }
    do {
      var chain = try blocks.certificates.map { try NIOSSLCertificate(bytes: $0.derBytes, format: .der) }
      chain.insert(chain.remove(at: leaf), at: 0)
      self.chain = chain
      key = try NIOSSLPrivateKey(bytes: keyDocument.derBytes, format: .der)
    } catch {
      throw CredentialError(
        "the certificate of \(origin) or its key cannot be used for TLS: \(Unreadable.cause(error))")
    }
    expiry = CertificateExpiry(
      subject: "\(certificates[leaf].subject)", notBefore: certificates[leaf].notValidBefore,
      notAfter: certificates[leaf].notValidAfter, origin: origin)
  }
}
