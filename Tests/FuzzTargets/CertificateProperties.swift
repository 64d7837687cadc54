@testable import KubernetesClient

/// Any bytes as a PEM file: a certificate authority, and a client's certificate with its key.
enum CertificateProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    try check(bytes, origin: "ca.crt")
    let certificate = Result { () throws(CredentialError) in
      try ClientCertificate(bytes, key: nil, origin: "tls.crt", keyOrigin: "tls.key")
    }
    switch certificate {
    case .success(let certificate): try require(!certificate.chain.isEmpty, "a certificate without a chain")
    case .failure(let error): try complaint(error, about: bytes)
    }
  }

  static func check(_ bytes: [UInt8], origin: String) throws(Violation) {
    do throws(CredentialError) {
      _ = try CertificateAuthority(bytes, origin: origin)
    } catch {
      try complaint(error, about: bytes)
    }
  }

  /// A file of another kind, or a key in the wrong place, is not repeated in what is said about it.
  private static func complaint(_ error: CredentialError, about bytes: [UInt8]) throws(Violation) {
    try Text.requireOneLine(error.message, longest: 4_000)
    for line in bytes.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) where isKeyMaterial(line) {
      try Text.requireNoEcho(of: line, in: error.message, length: 24)
    }
  }

  private static func isKeyMaterial(_ line: ArraySlice<UInt8>) -> Bool {
    line.count >= 24 && !line.starts(with: Array("-----".utf8)) && !line.contains(UInt8(ascii: " "))
  }
}
