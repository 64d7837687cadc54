import KubernetesClient
import Synchronization
import Testing

@Suite("Mutual TLS", .timeLimit(.minutes(2)))
struct MutualTLSTests {
  @Test("The server sees the client certificate, and nothing else proves who we are")
  func whoami() async throws {
    try await TransportSetting.run { setting async throws in
      #expect(try await setting.text("/whoami") == "CN=one|-|localhost:\(setting.server.port)")
    }
  }

  @Test("An IP address in the server's certificate is accepted")
  func ipAddress() async throws {
    try await TransportSetting.run(.init(serverHost: "elsewhere", host: "127.0.0.1")) { setting async throws in
      #expect(try await setting.text("/whoami").hasPrefix("CN=one|"))
    }
  }

  @Test("tls-server-name is the name that is verified, while the server is addressed by its own")
  func tlsServerName() async throws {
    let options = TransportSetting.Options(serverHost: "kubernetes.internal", tlsServerName: "kubernetes.internal")
    try await TransportSetting.run(options) { setting async throws in
      #expect(try await setting.text("/whoami") == "CN=one|-|localhost:\(setting.server.port)")
    }
  }

  @Test("Requests one after the other use one connection")
  func reuse() async throws {
    try await TransportSetting.run { setting async throws in
      for _ in 1...5 { _ = try await setting.get("/whoami") }
      #expect(setting.server.connections == 1)
    }
  }

  @Test("A rotated certificate is used by new requests, while a running stream goes on undisturbed")
  func rotationDuringStream() async throws {
    try await TransportSetting.run { setting async throws in
      let seen = Mutex<Set<String>>([])
      let ticksAfterRotation = Mutex(0)
      let isRotated = Mutex(false)
      let request = TransportRequest(method: "GET", path: "/ticks")
      let ending = await #expect(throws: TransportError.self) {
        _ = try await setting.transport.stream(
          request, idleTimeout: .seconds(60), onResponse: { _ in true },
          onChunk: { chunk throws(TransportError) in
            seen.withLock {
              $0.formUnion(String(decoding: chunk, as: UTF8.self).split(separator: "\n").map(String.init))
            }
            guard !isRotated.withLock({ $0 }) else {
              guard
                ticksAfterRotation.withLock({
                  $0 += 1; return $0
                }) > 5
              else { return }
              throw TransportError(.consumer, requestMayHaveBeenSent: true, message: "enough")
            }
            do {
              try setting.rotate(to: "two")
              #expect(try await setting.text("/whoami").hasPrefix("CN=one|"), "Files are not read for each request.")
              setting.clock.advance(by: .seconds(11))
              #expect(try await setting.text("/whoami").hasPrefix("CN=two|"))
              isRotated.withLock { $0 = true }
            } catch {
              throw TransportError(.consumer, requestMayHaveBeenSent: true, message: "\(error)")
            }
          })
      }
      #expect(ending?.message == "enough")
      #expect(seen.withLock { $0 } == ["tick of CN=one"])
      #expect(setting.log.warnings.isEmpty)
    }
  }

  @Test("A rotated certificate authority is taken up by the very request that fails with the old one")
  func rotatedAuthority() async throws {
    let wrong = try TestAuthority("another-ca")
    try await TransportSetting.run(.init(trusted: wrong)) { setting async throws in
      #expect(try await setting.failure("/whoami")?.code == .tls)
      try setting.directory.write("ca.crt", setting.authority.pem)
      setting.clock.advance(by: .seconds(2))
      #expect(try await setting.text("/whoami").hasPrefix("CN=one|"))
    }
  }

  @Test("A rotated token is taken up after a 401, once, for any method", arguments: ["GET", "POST", "DELETE"])
  func rotatedToken(method: String) async throws {
    let tokens = try TestDirectory()
    let source = CredentialSource(token: .file(try tokens.write("token", "old\n")))
    let options = TransportSetting.Options(clientMustHaveCertificate: false, credentials: source)
    try await TransportSetting.run(options) { setting async throws in
      #expect(try await setting.get("/token/old").status == 200)
      #expect(try await setting.get("/token/new").status == 401)
      try tokens.write("token", "new\n")
      setting.clock.advance(by: .seconds(2))
      let request = TransportRequest(method: method, path: "/token/new", body: method == "POST" ? [1, 2] : [])
      #expect(try await setting.transport.send(request).status == 200)
    }
  }
}
