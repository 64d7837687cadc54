import Crypto
import FoundationEssentials
import NIOSSL
import SwiftASN1
import Testing
import X509

@testable import KubernetesClient

@Suite("Client certificates")
struct ClientCertificateTests {
  private func read(_ certificate: String, _ key: String?) throws(CredentialError) -> ClientCertificate {
    try ClientCertificate(
      Array(certificate.utf8), key: key.map { Array($0.utf8) }, origin: "/c.crt",
      keyOrigin: key == nil ? "/c.crt" : "/c.key")
  }

  @Test("Key and chain in one file, in any order")
  func oneFile() throws {
    let authority = try TestAuthority()
    let identity = try authority.issue("pod")
    let certificate = try read(authority.pem + "\n" + identity.bundle, nil)
    #expect(certificate.expiry.subject == "CN=pod")
    #expect(certificate.chain.count == 2)
    #expect(
      try certificate.chain[0].toDERBytes() == Certificate(pemEncoded: identity.certificate).serializeAsPEM().derBytes)
  }

  @Test("Keys as PKCS#8, PKCS#1, and SEC1 behind EC PARAMETERS; text around the blocks and CRLF do not matter")
  func keyForms() throws {
    let key = P384.Signing.PrivateKey()
    let identity = try TestAuthority().issue("ec", key: .init(key))
    #expect(key.pemRepresentation.hasPrefix("-----BEGIN PRIVATE KEY-----"))
    #expect(try read(identity.certificate, key.pemRepresentation).expiry.subject == "CN=ec")
    #expect(try read(TestKeys.rsaCertificate, TestKeys.rsaPKCS1).expiry.subject == "CN=rsa")
    #expect(try read(TestKeys.ecCertificate, TestKeys.ecSEC1).expiry.subject == "CN=ec")
    let inOneFile =
      "Certificate:\r\n    Data:\r\n"
      + (TestKeys.ecCertificate + "\n" + TestKeys.ecSEC1)
      .replacing("\n", with: "\r\n")
    #expect(try read(inOneFile, nil).expiry.subject == "CN=ec")
  }

  @Test("What cannot be used is refused with the reason")
  func refused() throws {
    let authority = try TestAuthority()
    let (one, two) = (try authority.issue("one"), try authority.issue("two"))
    let encrypted = PEMDocument(type: "ENCRYPTED PRIVATE KEY", derBytes: [48, 0]).pemString
    for (certificate, key, message) in [
      (one.certificate, two.key, "the private key of /c.key does not belong to the certificate of /c.crt (CN=one)"),
      (one.certificate, nil, "/c.crt holds no private key; give the key's file too"),
      (one.certificate, one.certificate, "/c.key holds no private key"),
      (one.key, one.key, "/c.crt holds no certificate"),
      (one.certificate, encrypted, "the private key of /c.key is encrypted with a pass phrase"),
      (String(one.certificate.prefix(300)), one.key, "/c.crt"),
    ] {
      let error = #expect(throws: CredentialError.self) { try read(certificate, key) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "no error")")
    }
  }

  @Test(
    "The share of the lifetime that is left",
    arguments: [(-10.0, 1.0), (0, 1), (25, 0.75), (80, 0.2), (100, 0), (500, 0)])
  func lifetime(at second: Double, left: Double) {
    let start = Date(timeIntervalSince1970: 1_000_000)
    let expiry = CertificateExpiry(subject: "CN=x", notBefore: start, notAfter: start + 100, origin: "/c.crt")
    #expect(abs(expiry.lifetimeLeft(at: start + second) - left) < 0.000_1)
  }

  @Test("A certificate that is not valid yet is named with its time")
  func notYetValid() {
    let start = Date(timeIntervalSince1970: 1_000_000)
    let expiry = CertificateExpiry(subject: "CN=x", notBefore: start, notAfter: start + 100, origin: "/c.crt")
    #expect(expiry.problem(at: start + 50) == nil)
    #expect(
      expiry.problem(at: start - 50)?.hasPrefix(
        "the client certificate of /c.crt (CN=x) is not valid before 1970-01-12T13:46:40Z; put a renewed") == true)
  }
}
