import RollbackOperator
import Testing

@Suite("TLS towards others than the API server")
struct OutboundTLSTests {
  private static func failure(
    _ setting: OutboundSetting, _ server: OutboundTestServer, host: String = "metrics.test", tls: OutboundTLS?
  ) async throws -> OutboundError {
    let request = try OutboundRequest(server, "/secret?secret", scheme: "https", host: host, tls: tls)
    return try #require(await setting.failure(request))
  }

  private static let answers = ["metrics.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]]

  @Test("A certificate is verified against the authority that is named and the name in the URL")
  func verified() async throws {
    let authority = try OutboundTestAuthority()
    let tls = OutboundTLS(authority: authority.pem)
    try await OutboundTestServer.run(identity: authority.issue("server", host: "metrics.test")) { server in
      try await OutboundSetting.run(Self.answers) { setting in
        for _ in 0..<2 {
          let request = try OutboundRequest(server, "/echo", scheme: "https", host: "metrics.test", tls: tls)
          #expect(try await setting.client.send(request).status == 200)
        }
        #expect(server.connections == 1)
        let wrongName = try await Self.failure(setting, server, host: "other.test", tls: tls)
        #expect(wrongName.code == .tls)
        #expect(wrongName.message.contains("its certificate is not made for this name"))
        var named = tls
        named.serverName = "metrics.test"
        let request = try OutboundRequest(server, "/echo", scheme: "https", host: "other.test", tls: named)
        #expect(try await setting.client.send(request).status == 200)
        #expect(server.seen.last?.headers["host"] == "other.test:\(server.port)")
        named.serverName = "a/b"
        #expect(try await Self.failure(setting, server, tls: named).code == .invalidRequest)
      }
    }
  }

  @Test("An unknown authority, an expired certificate and no TLS at all are told apart from a dead server")
  func untrusted() async throws {
    let authority = try OutboundTestAuthority()
    let other = try OutboundTestAuthority("other")
    try await OutboundSetting.run(Self.answers) { setting in
      try await OutboundTestServer.run(identity: authority.issue("server", host: "metrics.test")) { server in
        for tls in [nil, OutboundTLS(authority: other.pem)] {
          let error = try await Self.failure(setting, server, tls: tls)
          #expect(error.code == .tls)
          #expect(error.message.contains("has expired, or is not signed by an authority that is trusted here"))
          #expect(!error.message.contains("secret"))
        }
        #expect(server.seen.isEmpty)
      }
      let expired = try authority.issue("server", host: "metrics.test", validUntil: -60)
      try await OutboundTestServer.run(identity: expired) { server in
        let error = try await Self.failure(setting, server, tls: OutboundTLS(authority: authority.pem))
        #expect(error.code == .tls)
        #expect(error.message.contains("has expired"))
      }
      try await OutboundTestServer.run { server in
        let error = try await Self.failure(setting, server, tls: nil)
        #expect(error.code == .tls)
        #expect(error.message.contains("it does not speak TLS on this port"))
      }
    }
  }

  @Test("A client certificate proves who asks, and its absence is an error")
  func mutual() async throws {
    let authority = try OutboundTestAuthority()
    let identity = try authority.issue("server", host: "metrics.test")
    try await OutboundTestServer.run(identity: identity, clientAuthority: authority) { server in
      try await OutboundSetting.run(Self.answers) { setting in
        for name in ["tenant-one", "tenant-two"] {
          let client = try authority.issue(name)
          let tls = OutboundTLS(authority: authority.pem, certificate: client.certificate, key: client.key)
          let request = try OutboundRequest(server, "/echo", scheme: "https", host: "metrics.test", tls: tls)
          #expect(try await setting.client.send(request).status == 200)
          #expect(server.seen.last?.client == "CN=\(name)")
        }
        let error = try await Self.failure(setting, server, tls: OutboundTLS(authority: authority.pem))
        #expect(error.message.contains("client certificate"), "\(error)")
        let stranger = try OutboundTestAuthority("stranger").issue("stranger")
        let tls = OutboundTLS(authority: authority.pem, certificate: stranger.certificate, key: stranger.key)
        let refused = try await Self.failure(setting, server, tls: tls)
        #expect(refused.code == .tls || refused.code == .connect)
        #expect(server.seen.count == 2)
      }
    }
  }

  @Test("Certificates and keys that cannot be used are named before anything is connected to")
  func unusable() async throws {
    let authority = try OutboundTestAuthority()
    let one = try authority.issue("one")
    let two = try authority.issue("two")
    let junk = Array("secret".utf8)
    let cases: [(OutboundTLS, String)] = [
      (OutboundTLS(authority: junk), "holds no PEM certificate"),
      (OutboundTLS(certificate: one.certificate), "without the other"),
      (OutboundTLS(key: one.key), "without the other"),
      (OutboundTLS(certificate: junk, key: one.key), "holds no PEM certificate"),
      (OutboundTLS(certificate: one.certificate, key: junk), "is no PEM key"),
      (OutboundTLS(certificate: one.certificate, key: two.key), "does not belong to its certificate"),
    ]
    try await OutboundTestServer.run(identity: one) { server in
      try await OutboundSetting.run(Self.answers) { setting in
        for (tls, reason) in cases {
          let error = try await Self.failure(setting, server, tls: tls)
          #expect(error.code == .invalidRequest)
          #expect(error.message.contains(reason), "\(error)")
          #expect(!error.message.contains("secret"))
        }
      }
      #expect(server.connections == 0)
    }
  }
}
