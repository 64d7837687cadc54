import FoundationEssentials
import Testing

@testable import KubernetesClient

@Suite("Rotation of credentials", .timeLimit(.minutes(2)))
struct CredentialRotationTests {
  private struct Setting {
    let authority: TestAuthority
    let directory: TestDirectory
    let clock = SteppedClock()
    let log = RecordedLog()
    let credentials: Credentials

    init(_ source: (TestDirectory) throws -> CredentialSource) throws {
      authority = try TestAuthority()
      directory = try TestDirectory()
      let configuration = ClusterConfiguration(
        server: ServerAddress(host: "localhost"),
        certificateAuthority: .file(try directory.write("ca.crt", authority.pem)),
        credentials: try source(directory))
      credentials = Credentials(configuration: configuration, clock: clock, logger: log.logger)
    }

    func later() { clock.advance(by: .seconds(11)) }
  }

  private func pair(_ directory: TestDirectory) -> CredentialSource {
    CredentialSource(
      clientCertificate: .file("\(directory.path)/client.crt"), clientKey: .file("\(directory.path)/client.key"))
  }

  @Test("A half-written pair is never used: the last good one stays, with one warning, until the pair fits")
  func halfWritten() async throws {
    let setting = try Setting(pair)
    let directory = setting.directory
    let (one, two) = (try setting.authority.issue("one"), try setting.authority.issue("two"))
    try directory.write("client.crt", one.certificate)
    try directory.write("client.key", one.key)
    let first = try await setting.credentials.current()
    #expect(first.certificate?.subject == "CN=one")
    for half in [two.certificate, String(two.certificate.prefix(200)), ""] {
      try directory.write("client.crt", half)
      for _ in 1...3 {
        setting.later()
        #expect(try await setting.credentials.current().generation == first.generation)
      }
    }
    #expect(setting.log.warnings.count == 3)
    #expect(setting.log.warnings.first?.contains("does not belong to the certificate") == true)
    try directory.write("client.crt", two.certificate)
    try directory.write("client.key", two.key)
    setting.clock.advance(by: .seconds(1))
    #expect(try await setting.credentials.current().certificate?.subject == "CN=two")
  }

  @Test("A pod-certificate file, key and chain in one, is taken up whole")
  func podCertificate() async throws {
    let setting = try Setting { CredentialSource(clientCertificate: .file("\($0.path)/bundle.pem")) }
    let directory = setting.directory
    try directory.write("bundle.pem", setting.authority.issue("one").bundle)
    #expect(try await setting.credentials.current().certificate?.subject == "CN=one")
    try directory.write("bundle.pem", setting.authority.issue("two").bundle)
    setting.later()
    #expect(setting.credentials.certificateExpiry?.subject == "CN=two")
  }

  @Test("A valid certificate is not given up for an expired one")
  func expiredReplacement() async throws {
    let setting = try Setting(pair)
    let directory = setting.directory
    for (name, validUntil) in [("good", 3_600.0), ("expired", -60)] {
      let identity = try setting.authority.issue(name, validUntil: validUntil)
      try directory.write("client.crt", identity.certificate)
      try directory.write("client.key", identity.key)
      setting.later()
      #expect(try await setting.credentials.current().certificate?.subject == "CN=good")
    }
    #expect(setting.log.warnings.count == 1)
    #expect(setting.log.warnings.first?.contains("(CN=expired) expired at") == true)
  }

  @Test("An empty, missing or garbled token file keeps the last token; a new one is taken up")
  func token() async throws {
    let setting = try Setting { CredentialSource(token: .file(try $0.write("token", " first\n"))) }
    let directory = setting.directory
    #expect(try await setting.credentials.current().authorization == "Bearer first")
    for content in ["", "\n\n", "two\nlines"] {
      try directory.write("token", content)
      setting.later()
      #expect(try await setting.credentials.current().authorization == "Bearer first")
    }
    try directory.remove("token")
    setting.later()
    #expect(try await setting.credentials.current().authorization == "Bearer first")
    try directory.write("token", "second")
    setting.later()
    #expect(try await setting.credentials.current().authorization == "Bearer second")
    #expect(setting.log.warnings.count == 3, "The empty file twice is one complaint.")
  }

  @Test("A token file that is empty from the beginning is an error, and later the token")
  func tokenEmptyAtFirst() async throws {
    let setting = try Setting { CredentialSource(token: .file(try $0.write("token", ""))) }
    let directory = setting.directory
    let error = await #expect(throws: CredentialError.self) { _ = try await setting.credentials.current() }
    #expect(error?.message == "the token of \(directory.path)/token is empty")
    try directory.write("token", "good")
    setting.clock.advance(by: .seconds(1))
    #expect(try await setting.credentials.current().authorization == "Bearer good")
  }

  @Test("Unchanged files give the same TLS configuration, so that connections are used again")
  func unchanged() async throws {
    let setting = try Setting(pair)
    let directory = setting.directory
    let one = try setting.authority.issue("one")
    for _ in 1...3 {
      try directory.write("client.crt", one.certificate)
      try directory.write("client.key", one.key)
      setting.later()
      #expect(try await setting.credentials.current().generation == 1)
    }
  }

  @Test("An authority that is replaced by garbage stays, and is replaced by a good one")
  func authority() async throws {
    let setting = try Setting { _ in CredentialSource() }
    let directory = setting.directory
    #expect(try await setting.credentials.current().authority.contains("CN=test-ca"))
    try directory.write("ca.crt", "garbage")
    setting.later()
    #expect(try await setting.credentials.current().authority.contains("CN=test-ca"))
    try directory.write("ca.crt", try TestAuthority("new-ca").pem)
    setting.later()
    #expect(try await setting.credentials.current().authority.contains("CN=new-ca"))
  }
}
