import KubernetesClient
import Testing

@Suite("Kubeconfig files, merged as kubectl does")
struct KubeconfigMergeTests {
  private let directory: TestDirectory

  init() throws { directory = try TestDirectory() }

  private func load(
    _ list: [String], context: String? = nil
  ) throws(ConfigurationError) -> ClusterConfiguration {
    let paths = list.map { "\(directory.path)/\($0)" }.joined(separator: ":")
    return try ClusterConfiguration.load(context: context, environment: ["KUBECONFIG": paths])
  }

  private func write(_ name: String, current: String?, cluster: String, user: String, token: String) throws {
    try directory.write(
      name,
      """
      apiVersion: v1
      kind: Config
      \(current.map { "current-context: \($0)" } ?? "")
      clusters:
      - name: \(cluster)
        cluster: {server: "https://\(name).example:6443"}
      contexts:
      - name: \(cluster)-\(user)
        context: {cluster: \(cluster), user: \(user), namespace: from-\(name)}
      users:
      - name: \(user)
        user: {token: \(token)}
      """)
  }

  private func token(_ configuration: ClusterConfiguration) -> String? {
    guard case .inline(let bytes, _) = configuration.credentials.token else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("The first file to set the current context or a name wins, whole entries at a time")
  func firstWins() throws {
    try write("a", current: nil, cluster: "red", user: "ann", token: "a-token")
    try write("b", current: "red-ann", cluster: "red", user: "ann", token: "b-token")
    try write("c", current: "blue-bob", cluster: "blue", user: "bob", token: "c-token")
    let chosen = try load(["a", "b", "c"])
    #expect(chosen.contextName == "red-ann")
    #expect(chosen.server.description == "https://a.example:6443")
    #expect(token(chosen) == "a-token")
    #expect(chosen.namespace == "from-a")
    #expect(try load(["c", "b", "a"]).contextName == "blue-bob")
    #expect(try load(["b", "a"]).server.host == "b.example")
    let path = directory.path
    #expect(chosen.origin == "kubeconfig \(path)/a, \(path)/b, \(path)/c, context red-ann")
  }

  @Test("A context of one file may use the cluster and the user of others")
  func acrossFiles() throws {
    try directory.write("contexts", "current-context: x\ncontexts: [{name: x, context: {cluster: red, user: bob}}]")
    try write("a", current: nil, cluster: "red", user: "ann", token: "a-token")
    try write("c", current: nil, cluster: "blue", user: "bob", token: "c-token")
    let chosen = try load(["contexts", "a", "c"])
    #expect(chosen.server.host == "a.example" && token(chosen) == "c-token")
    #expect(chosen.namespace == "default")
  }

  @Test("Missing and empty files of the list are skipped, and --context chooses")
  func missing() throws {
    try directory.write("empty", "")
    try directory.write("comment", "# nothing yet\n")
    try write("b", current: nil, cluster: "red", user: "ann", token: "t")
    #expect(try load(["nowhere", "empty", "comment", "b"], context: "red-ann").server.host == "b.example")
  }

  @Test("All files missing is an error that names them")
  func allMissing() {
    let error = #expect(throws: ConfigurationError.self) { try load(["x", "y"]) }
    #expect(
      error?.description
        == "kubeconfig: none of \(directory.path)/x, \(directory.path)/y exists; give --kubeconfig or set KUBECONFIG")
  }

  @Test("A file that a person named must be there, and stands alone")
  func explicit() throws {
    try write("a", current: "red-ann", cluster: "red", user: "ann", token: "t")
    let path = "\(directory.path)/nowhere"
    let error = #expect(throws: ConfigurationError.self) {
      try ClusterConfiguration.load(explicitPath: path, environment: ["KUBECONFIG": "\(directory.path)/a"])
    }
    #expect(
      error?.description == "kubeconfig \(path): the file does not exist; check the path and its permissions")
  }

  @Test("Without KUBECONFIG the home directory's file is read")
  func home() throws {
    try directory.write(
      ".kube/config",
      "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
        + "clusters: [{name: k, cluster: {server: \"https://home\"}}]")
    let chosen = try ClusterConfiguration.load(environment: ["HOME": directory.path])
    #expect(chosen.server == ServerAddress(host: "home"))
    #expect(chosen.credentials == CredentialSource())
  }

  @Test("Relative paths are relative to the file they stand in, and data win over files")
  func paths() throws {
    try directory.write("sub/pki/ca.crt", "ca")
    try directory.write("sub/pki/client.crt", "crt")
    try directory.write("sub/token", "t")
    try directory.write(
      "sub/config",
      """
      current-context: c
      contexts: [{name: c, context: {cluster: k, user: u}}]
      clusters: [{name: k, cluster: {server: "https://x", certificate-authority: pki/ca.crt}}]
      users:
      - name: u
        user:
          client-certificate: ./pki/client.crt
          client-key-data: a2V5
          client-key: nowhere.key
          tokenFile: token
          token: literal
      """)
    let chosen = try load(["sub/config"])
    #expect(chosen.certificateAuthority == .file("\(directory.path)/sub/pki/ca.crt"))
    #expect(chosen.credentials.clientCertificate == .file("\(directory.path)/sub/pki/client.crt"))
    #expect(
      chosen.credentials.clientKey
        == .inline(
          Array("key".utf8), origin: "kubeconfig \(directory.path)/sub/config: users[0].user.client-key-data"))
    #expect(chosen.credentials.token == .file("\(directory.path)/sub/token"))
  }

  @Test("A kubeconfig in JSON, with numbers and yes for names")
  func json() throws {
    try directory.write(
      "j",
      """
      {"current-context": "yes", "contexts": [{"name": "yes", "context": {"cluster": 12, "user": "u"}}],
      "clusters": [{"name": "12", "cluster": {"server": "https://[::1]:6443/k8s/"}}],
      "users": [{"name": "u", "user": {"username": "ann", "password": "p"}}]}
      """)
    let chosen = try load(["j"])
    #expect(chosen.server == ServerAddress(host: "::1", port: 6443, basePath: "/k8s"))
    #expect(chosen.server.description == "https://[::1]:6443/k8s")
    #expect(chosen.credentials.basic == .init(username: "ann", password: "p"))
  }

  @Test("An exec plugin with all its parts")
  func exec() throws {
    try directory.write(
      "e",
      """
      current-context: c
      contexts: [{name: c, context: {cluster: k, user: u}}]
      clusters:
      - name: k
        cluster:
          server: https://x:6443
          certificate-authority-data: AQI=
          extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a, n: 5, on: true}}]
      users:
      - name: u
        user:
          exec:
            apiVersion: client.authentication.k8s.io/v1
            command: ./bin/plugin
            args: [get-token, --cluster, 12]
            env: [{name: REGION, value: north}]
            interactiveMode: Never
            provideClusterInfo: true
            installHint: see the manual
      """)
    let plugin = try #require(try load(["e"]).credentials.exec)
    #expect(plugin.command == "\(directory.path)/bin/plugin")
    #expect(plugin.arguments == ["get-token", "--cluster", "12"])
    #expect(plugin.environment == ["REGION": "north"])
    #expect(plugin.installHint == "see the manual")
    #expect(
      String(decoding: plugin.clusterInfo ?? [], as: UTF8.self)
        == "{\"server\":\"https://x:6443\",\"certificate-authority-data\":\"AQI=\","
        + "\"config\":{\"audience\":\"a\",\"n\":5,\"on\":true}}")
  }
}
