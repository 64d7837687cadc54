import FoundationEssentials
import KubernetesClient
import Logging

/// A server, a client with files for its credentials, and a transport between them.
final class TransportSetting: Sendable {
  let authority: TestAuthority
  let directory: TestDirectory
  let server: TLSTestServer
  let clock = SteppedClock()
  let log = RecordedLog()
  let configuration: ClusterConfiguration
  let credentials: Credentials
  let transport: HTTPTransport

  private init(
    authority: TestAuthority, directory: TestDirectory, server: TLSTestServer, configuration: ClusterConfiguration,
    maximumBodySize: Int
  ) {
    self.authority = authority
    self.directory = directory
    self.server = server
    self.configuration = configuration
    credentials = Credentials(configuration: configuration, clock: clock, logger: log.logger)
    transport = HTTPTransport(
      configuration: configuration, credentials: credentials, purpose: .requests, clock: clock, logger: log.logger,
      maximumBodySize: maximumBodySize)
  }

  struct Options {
    var client = "one"
    var clientValidUntil: TimeInterval = 3_600
    var serverHost = "localhost"
    var serverAddress: [UInt8] = [127, 0, 0, 1]
    var serverValidUntil: TimeInterval = 3_600
    /// The host in the client's address.
    var host = "localhost"
    var tlsServerName: String?
    var clientMustHaveCertificate = true
    /// The authority that the client trusts; `nil`: the one that signed the server's certificate.
    var trusted: TestAuthority?
    /// `nil`: the client certificate.
    var credentials: CredentialSource?
    var maximumBodySize = HTTPTransport.maximumBodySize
  }

  /// Runs `body` with a server that demands client certificates, and puts everything away afterwards.
  static func run(
    _ options: Options = Options(), _ body: (TransportSetting) async throws -> Void
  ) async throws {
    let authority = try TestAuthority()
    let directory = try TestDirectory()
    let server = try await TLSTestServer.start(
      identity: authority.issue(
        "server", host: options.serverHost, address: options.serverAddress, validUntil: options.serverValidUntil),
      clientAuthority: authority, clientMustHaveCertificate: options.clientMustHaveCertificate)
    let client = try authority.issue(options.client, validUntil: options.clientValidUntil)
    let source = CredentialSource(
      clientCertificate: .file(try directory.write("client.crt", client.certificate)),
      clientKey: .file(try directory.write("client.key", client.key)))
    let configuration = ClusterConfiguration(
      server: ServerAddress(host: options.host, port: server.port), tlsServerName: options.tlsServerName,
      certificateAuthority: .file(try directory.write("ca.crt", (options.trusted ?? authority).pem)),
      credentials: options.credentials ?? source, origin: "test configuration")
    let setting = TransportSetting(
      authority: authority, directory: directory, server: server, configuration: configuration,
      maximumBodySize: options.maximumBodySize)
    do {
      try await body(setting)
      await setting.close()
    } catch {
      await setting.close()
      throw error
    }
  }

  private func close() async {
    await transport.shutdown()
    await server.stop()
  }

  func get(_ path: String, timeout: Duration = .seconds(10)) async throws(TransportError) -> TransportResponse {
    try await transport.send(TransportRequest(method: "GET", path: path, timeout: timeout))
  }

  func text(_ path: String) async throws -> String { String(decoding: try await get(path).body, as: UTF8.self) }

  /// The error of a request that must fail.
  func failure(_ path: String, timeout: Duration = .seconds(10)) async throws -> TransportError? {
    do throws(TransportError) {
      _ = try await get(path, timeout: timeout)
      return nil
    } catch {
      return error
    }
  }

  /// Puts another client certificate and key into place.
  func rotate(to name: String) throws {
    let new = try authority.issue(name)
    try directory.write("client.crt", new.certificate)
    try directory.write("client.key", new.key)
  }
}
