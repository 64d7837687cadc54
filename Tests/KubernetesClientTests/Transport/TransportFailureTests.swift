import Foundation
import KubernetesClient
import Logging
import Testing

@Suite("What the transport says when it cannot talk to the server", .timeLimit(.minutes(2)))
struct TransportFailureTests {
  @Test("A server's certificate of another authority: the CA file, its subject and the remedy are named")
  func wrongAuthority() async throws {
    try await TransportSetting.run(.init(trusted: try TestAuthority("another-ca"))) { setting async throws in
      let error = try #require(try await setting.failure("/whoami"))
      #expect(error.code == .tls)
      #expect(!error.requestMayHaveBeenSent)
      #expect(error.message.contains("https://localhost:\(setting.server.port)"))
      #expect(
        error.message.contains(
          "not signed by the certificate authority \(setting.directory.path)/ca.crt (CN=another-ca)"))
      #expect(error.message.contains("certificate-authority"))
    }
  }

  @Test("An expired certificate of the server is refused")
  func expiredServer() async throws {
    try await TransportSetting.run(.init(serverValidUntil: -60)) { setting async throws in
      let error = try #require(try await setting.failure("/whoami"))
      #expect(error.code == .tls && !error.requestMayHaveBeenSent)
      #expect(error.message.contains("out of its time by this machine's clock"))
    }
  }

  @Test("A server with another name: the name that was looked for and tls-server-name are named")
  func wrongName() async throws {
    try await TransportSetting.run(.init(serverHost: "elsewhere", serverAddress: [10, 0, 0, 1])) {
      setting async throws in
      let error = try #require(try await setting.failure("/whoami"))
      #expect(error.code == .tls && !error.requestMayHaveBeenSent)
      #expect(error.message.contains("not made for the name \"localhost\""))
      #expect(error.message.contains("tls-server-name"))
    }
  }

  @Test("No client certificate where one is demanded")
  func missingClientCertificate() async throws {
    try await TransportSetting.run(.init(credentials: CredentialSource())) { setting async throws in
      let error = try #require(try await setting.failure("/whoami"))
      #expect(error.code == .tls)
      #expect(error.message.contains("demands a client certificate and none was given"))
      #expect(error.message.contains("--client-certificate"))
    }
  }

  @Test("An expired client certificate: file, subject, time and remedy are named")
  func expiredClientCertificate() async throws {
    try await TransportSetting.run(.init(clientValidUntil: -60)) { setting async throws in
      let error = try #require(try await setting.failure("/whoami"))
      #expect(error.code == .tls)
      #expect(
        error.message.contains("client certificate of \(setting.directory.path)/client.crt (CN=one) expired at 20"))
      #expect(error.message.contains("put a renewed certificate and its key into place"))
      let verification = await #expect(throws: CredentialError.self) { try await setting.credentials.verify() }
      #expect(verification?.message.contains("expired at") == true)
    }
  }

  @Test("A 401 comes with the credentials that were refused, and what to do")
  func unauthorizedRemark() async throws {
    try await TransportSetting.run(.init(clientMustHaveCertificate: false)) { setting async throws in
      let remark = try #require(try await setting.get("/token/never").remark)
      #expect(
        remark.contains("does not accept the client certificate of \(setting.directory.path)/client.crt (CN=one)"))
      #expect(remark.contains("give one that its client certificate authority signed"))
      #expect(try await setting.get("/whoami").remark == nil)
    }
  }

  @Test("A 401 with an expired client certificate is explained by it")
  func unauthorizedByExpiry() async throws {
    try await TransportSetting.run(.init(clientMustHaveCertificate: false)) { setting async throws in
      #expect(try await setting.get("/token/never").status == 401)
      setting.clock.advance(by: .seconds(7_200))
      let error = try #require(try await setting.failure("/token/never"))
      #expect(error.code == .credentials && !error.requestMayHaveBeenSent)
      #expect(error.message.contains("(CN=one) expired at"))
      #expect(error.message.contains("GET /token/never as unauthorized"))
    }
  }

  @Test("A refused connection comes back at once and names address and origin")
  func refused() async throws {
    let server = try await TLSTestServer.start(identity: nil)
    let port = server.port
    await server.stop()
    let configuration = ClusterConfiguration(
      server: ServerAddress(host: "127.0.0.1", port: port), origin: "kubeconfig /x")
    let error = try #require(try await failure(of: configuration))
    #expect(error.code == .connectionFailed && !error.requestMayHaveBeenSent)
    #expect(
      error.message
        == "The API server https://127.0.0.1:\(port) cannot be reached: the connection was refused; check "
        + "that it is running "
        + "and that the address is right (from kubeconfig /x).")
  }

  @Test("A name that does not exist")
  func unknownName() async throws {
    let configuration = ClusterConfiguration(
      server: ServerAddress(host: "no-such-host.invalid"), origin: "kubeconfig /x")
    let error = try #require(try await failure(of: configuration))
    #expect(error.code == .connectionFailed && !error.requestMayHaveBeenSent)
    #expect(error.message.contains("the name \"no-such-host.invalid\" cannot be resolved"))
  }

  @Test("A port that does not speak TLS")
  func plainServer() async throws {
    let server = try await TLSTestServer.start(identity: nil)
    let configuration = ClusterConfiguration(server: ServerAddress(host: "127.0.0.1", port: server.port), origin: "x")
    let error = try #require(try await failure(of: configuration))
    #expect(error.code == .tls && !error.requestMayHaveBeenSent)
    #expect(error.message.contains("does not speak TLS on this port"))
    await server.stop()
  }

  @Test("Credentials that cannot be read: the file is named, and nothing was sent")
  func unreadableCredentials() async throws {
    let source = CredentialSource(token: .file("/nonexistent/token"))
    try await TransportSetting.run(.init(credentials: source)) { setting async throws in
      let error = try #require(try await setting.failure("/whoami"))
      #expect(error.code == .credentials && !error.requestMayHaveBeenSent)
      #expect(error.message.contains("/nonexistent/token: the file does not exist"))
    }
  }

  @Test("Nothing secret is sent to a server without TLS")
  func plainHTTP() async throws {
    let server = try await TLSTestServer.start(identity: nil)
    let configuration = ClusterConfiguration(
      server: ServerAddress(scheme: .http, host: "127.0.0.1", port: server.port),
      credentials: CredentialSource(token: .inline(Array("secret".utf8), origin: "test")))
    let transport = self.transport(configuration)
    let answer = try await transport.send(TransportRequest(method: "GET", path: "/whoami"))
    #expect(String(decoding: answer.body, as: UTF8.self) == "nobody|-|127.0.0.1:\(server.port)")
    await transport.shutdown()
    await server.stop()
  }

  private func transport(_ configuration: ClusterConfiguration) -> HTTPTransport {
    let logger = Logger(label: "test")
    return HTTPTransport(
      configuration: configuration, credentials: Credentials(configuration: configuration, logger: logger),
      purpose: .requests, logger: logger)
  }

  private func failure(of configuration: ClusterConfiguration) async throws -> TransportError? {
    let transport = self.transport(configuration)
    let error = await #expect(throws: TransportError.self) {
      _ = try await transport.send(TransportRequest(method: "GET", path: "/api"))
    }
    await transport.shutdown()
    return error
  }
}
