import FoundationEssentials
import Testing

@testable import KubernetesClient

@Suite("Exec credential plugins", .timeLimit(.minutes(2)))
struct ExecPluginTests {
  private let directory: TestDirectory
  private let clock = SteppedClock()

  init() throws { directory = try TestDirectory() }

  private static let version = "client.authentication.k8s.io/v1"

  private func credentials(
    _ script: String, timeout: Duration = .seconds(10), arguments: [String] = [], environment: [String: String] = [:],
    clusterInfo: [UInt8]? = nil
  ) throws -> Credentials {
    let command = try directory.write(
      "plugin", "#!/bin/sh\ncd \"\(directory.path)\" || exit 9\n\(script)\n", executable: true)
    let plugin = ExecPluginConfiguration(
      apiVersion: Self.version, command: command, arguments: arguments, environment: environment,
      installHint: "apt install plugin", clusterInfo: clusterInfo, origin: "kubeconfig /k: users[0].user.exec",
      timeout: timeout)
    return credentials(plugin)
  }

  private func credentials(_ plugin: ExecPluginConfiguration) -> Credentials {
    Credentials(
      configuration: ClusterConfiguration(server: ServerAddress(host: "localhost"), credentials: .init(exec: plugin)),
      clock: clock, logger: RecordedLog().logger)
  }

  private func print(_ status: String) -> String {
    "echo '{\"apiVersion\":\"\(Self.version)\",\"kind\":\"ExecCredential\",\"status\":{\(status)}}'"
  }

  private func message(_ credentials: Credentials) async -> String {
    let error = await #expect(throws: CredentialError.self) { _ = try await credentials.current() }
    return error?.message ?? ""
  }

  @Test("A token is kept until it expires, then the plugin is run again")
  func expiry() async throws {
    let expires = Date(timeIntervalSinceNow: 600).formatted(.iso8601)
    let credentials = try credentials(
      "echo run >> runs\n" + print("\"token\":\"'$(wc -l < runs)'\",\"expirationTimestamp\":\"\(expires)\""))
    for _ in 1...3 { #expect(try await credentials.current().authorization == "Bearer 1") }
    clock.advance(by: .seconds(700))
    #expect(try await credentials.current().authorization == "Bearer 2")
  }

  @Test("A token without expiry is kept until the server refuses it, and a plugin is not run with each refusal")
  func refusal() async throws {
    let credentials = try credentials("echo run >> runs\n" + print("\"token\":\"'$(wc -l < runs)'\""))
    let first = try await credentials.current()
    #expect(first.authorization == "Bearer 1")
    clock.advance(by: .seconds(3_600))
    let second = try #require(try await credentials.replacement(for: first))
    #expect(second.authorization == "Bearer 2")
    #expect(try await credentials.replacement(for: first)?.authorization == "Bearer 2", "Somebody else has renewed it.")
    #expect(try await credentials.replacement(for: second) == nil)
    #expect(try directory.read("runs") == "run\nrun\n")
  }

  @Test("Many requests at once run the plugin once")
  func once() async throws {
    let credentials = try credentials("echo run >> runs\nsleep 0.2\n" + print("\"token\":\"t\""))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...20 { group.addTask { _ = try await credentials.current() } }
      try await group.waitForAll()
    }
    #expect(try directory.read("runs") == "run\n")
  }

  @Test("Arguments, environment and the cluster's description are given to it")
  func inputs() async throws {
    let info = ExecClusterInfo(server: "https://x:6443", tlsServerName: nil, authority: [1, 2], config: "{\"a\":1}")
      .json()
    let credentials = try credentials(
      "printf '%s' \"$KUBERNETES_EXEC_INFO\" > info\n" + print("\"token\":\"'$1-$REGION'\""), arguments: ["arg"],
      environment: ["REGION": "north"], clusterInfo: info)
    #expect(try await credentials.current().authorization == "Bearer arg-north")
    #expect(
      try directory.read("info")
        == "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
        + "\"spec\":{\"interactive\":false,"
        + "\"cluster\":{\"server\":\"https://x:6443\",\"certificate-authority-data\":\"AQI=\",\"config\":{\"a\":1}}}}")
  }

  @Test("A client certificate from a plugin is used")
  func certificate() async throws {
    let identity = try TestAuthority().issue("from-plugin")
    let (pem, key) = (JSONText.string(identity.certificate), JSONText.string(identity.key))
    try directory.write(
      "answer",
      "{\"apiVersion\":\"\(Self.version)\",\"kind\":\"ExecCredential\",\"status\":{\"clientCertificateData\":\(pem),"
        + "\"clientKeyData\":\(key)}}")
    let snapshot = try await credentials("cat answer").current()
    #expect(snapshot.certificate?.subject == "CN=from-plugin")
    #expect(snapshot.authorization == nil)
  }

  @Test("What a plugin does wrong is said, but never what it printed as a credential")
  func wrong() async throws {
    for (script, expected) in [
      ("echo no network >&2; exit 3", "saying: no network"),
      ("echo secret", "did not print an ExecCredential in JSON"),
      (
        "echo '{\"apiVersion\":\"v9\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"secret\"}}'",
        "printed another apiVersion or kind than client.authentication.k8s.io/v1, ExecCredential"
      ),
      (print("\"clientKeyData\":\"secret\""), "a key without its certificate"),
      (print("\"token\":\"\""), "printed neither a token nor a client certificate"),
      (print("\"token\":\"secret\",\"expirationTimestamp\":\"soon\""), "not an RFC 3339 time"),
    ] {
      let message = await message(try credentials(script))
      #expect(message.contains(expected), "\(message)")
      #expect(message.contains("(kubeconfig /k: users[0].user.exec)"))
      #expect(!message.contains("secret"))
    }
  }

  @Test("A plugin that hangs is stopped, with what it started")
  func hanging() async throws {
    let message = await message(try credentials("sleep 60 & echo $! > child\nwait", timeout: .milliseconds(500)))
    #expect(message.contains("did not end within 0.5 seconds"))
    let child = try directory.read("child").filter(\.isNumber)
    let isGone = await eventually {
      let state = try? String(decoding: Data(contentsOf: URL(filePath: "/proc/\(child)/stat")), as: UTF8.self)
      return state.map { $0.contains(") Z ") } ?? true
    }
    #expect(isGone)
  }

  /// Asks again until it is so, for at most ten seconds.
  private func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 1...1_000 {
      if condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  @Test(
    "A plugin that is not installed: its install hint is said",
    arguments: ["/nonexistent/plugin", "no-such-plugin-anywhere"])
  func missing(command: String) async throws {
    let plugin = ExecPluginConfiguration(
      apiVersion: Self.version, command: command, installHint: "apt install plugin", origin: "kubeconfig /k")
    let message = await message(credentials(plugin))
    #expect(message.contains("cannot be started; install it or put it into PATH: apt install plugin"), "\(message)")
  }
}
