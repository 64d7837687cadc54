import KubernetesClient
import Testing

/// A kubeconfig that cannot be used, and what is said about it.
struct BadKubeconfig: Sendable, CustomTestStringConvertible {
  var what: String
  var cluster = "server: https://x"
  var user = "token: t"
  var whole: String?
  var context: String?
  /// After `kubeconfig FILE`.
  var message: String

  var testDescription: String { what }

  var text: String {
    whole
      ?? """
      current-context: c
      contexts: [{name: c, context: {cluster: k, user: u}}]
      clusters:
      - name: k
        cluster: {\(cluster)}
      users:
      - name: u
        user: {\(user)}
      """
  }

  private static let clusters = "clusters: [{name: k, cluster: {server: https://x}}]\n"
  private static let contexts = "contexts: [{name: c, context: {cluster: k}}, {name: d, context: {cluster: k}}]\n"

  static let all: [BadKubeconfig] = [
    .init(
      what: "unverified servers", cluster: "server: https://x, insecure-skip-tls-verify: true",
      message:
        ": clusters[0].cluster.insecure-skip-tls-verify: the server's certificate is always verified; "
        + "remove it and give "
        + "the cluster's certificate authority as certificate-authority"),
    .init(
      what: "a proxy", cluster: "server: https://x, proxy-url: http://p:1",
      message:
        ": clusters[0].cluster.proxy-url: proxies are not supported; remove it and use a direct way to the server"),
    .init(
      what: "no server", cluster: "tls-server-name: x",
      message: ": clusters[0]: the cluster \"k\" has no server address; set cluster.server"),
    .init(
      what: "a server that is no address", cluster: "server: \"ftp://x\"",
      message: ": clusters[0].cluster.server: \"ftp://x\" is not an http or https address; write https://HOST:PORT"),
    .init(
      what: "a missing CA file", cluster: "server: https://x, certificate-authority: /nonexistent/ca.crt",
      message:
        ": clusters[0].cluster.certificate-authority: /nonexistent/ca.crt: the file does not exist; check "
        + "the path and its "
        + "permissions"),
    .init(
      what: "CA data that are no base64", cluster: "server: https://x, certificate-authority-data: \"%%\"",
      message: ": clusters[0].cluster.certificate-authority-data: it is not base64"),
    .init(
      what: "an auth provider", user: "auth-provider: {name: gcp}",
      message:
        ": users[0].user.auth-provider: auth-provider was removed from Kubernetes and is not supported; use an exec "
        + "credential plugin"),
    .init(
      what: "impersonation", user: "token: t, as: admin",
      message: ": users[0].user.as: impersonation is not supported; use a context with the account's own credentials"),
    .init(
      what: "a key without a certificate", user: "client-key-data: a2V5",
      message: ": users[0].user: there is a client-key but no client-certificate; add client-certificate"),
    .init(
      what: "token and password", user: "token: t, username: ann",
      message: ": users[0].user: there are both a token and a user name; keep one of them"),
    .init(
      what: "a list for a token", user: "token: [a]",
      message: ": users[0].user.token: a string was expected, not a list"),
    .init(
      what: "an old plugin protocol",
      user: "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}",
      message: ": users[0].user.exec.apiVersion: \"client.authentication.k8s.io/v1alpha1\" is not supported; use "
        + "client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1"),
    .init(
      what: "a plugin that wants a terminal",
      user: "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}",
      message:
        ": users[0].user.exec.interactiveMode: the plugin asks for a terminal, and an operator has none; "
        + "set Never, or use "
        + "other credentials"),
    .init(
      what: "a v1 plugin without interactiveMode",
      user: "exec: {apiVersion: client.authentication.k8s.io/v1, command: x}",
      message: ": users[0].user.exec: interactiveMode is missing; set Never"),
    .init(
      what: "a plugin without command",
      user: "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}",
      message: ": users[0].user.exec: command is missing"),
    .init(
      what: "no current context", whole: clusters + contexts,
      message: ": current-context: no context is chosen; give --context, one of \"c\", \"d\""),
    .init(
      what: "an unknown --context", whole: clusters + contexts, context: "z",
      message: ": --context: there is no context \"z\"; the file defines \"c\", \"d\""),
    .init(
      what: "an unknown current context", whole: "current-context: z\n" + clusters,
      message: ": current-context: there is no context \"z\"; the file defines none"),
    .init(
      what: "an unknown cluster", whole: "current-context: c\n" + contexts,
      message: ": contexts[0].context.cluster: there is no cluster \"k\"; the file defines none"),
    .init(
      what: "an unknown user",
      whole: clusters + "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]",
      message: ": contexts[0].context.user: there is no user \"u\"; the file defines none"),
    .init(
      what: "a name twice", whole: "clusters: [{name: k}, {name: k}]",
      message: ": clusters[1]: the name \"k\" is there twice; remove or rename one of them"),
    .init(
      what: "a list that is none", whole: "clusters: {}",
      message: ": clusters: a list was expected, not a mapping"),
    .init(what: "a document that is no mapping", whole: "just text", message: ": a mapping was expected, not a scalar"),
  ]
}

@Suite("Kubeconfigs that cannot be used")
struct BadKubeconfigTests {
  @Test("File, field, reason and remedy are named", arguments: BadKubeconfig.all)
  func message(bad: BadKubeconfig) throws {
    let directory = try TestDirectory()
    let path = try directory.write("config", bad.text)
    let error = #expect(throws: ConfigurationError.self) {
      try ClusterConfiguration.load(explicitPath: path, context: bad.context, environment: [:])
    }
    #expect(error?.description == "kubeconfig \(path)\(bad.message)")
  }

  @Test(
    "Text that is no YAML, or hostile YAML, is an error and never a crash",
    arguments: [
      "a: [", "\tx", "a: *b", "{a: 1}: b", "clusters: [\u{0}]", "a: 'x",
    ])
  func notYAML(text: String) throws {
    let directory = try TestDirectory()
    let path = try directory.write("config", text)
    let error = #expect(throws: ConfigurationError.self) {
      try ClusterConfiguration.load(explicitPath: path, environment: [:])
    }
    #expect(error?.description.hasPrefix("kubeconfig \(path): ") == true)
  }

  @Test("Deep nesting is an error and never a crash")
  func deep() throws {
    let directory = try TestDirectory()
    let path = try directory.write("config", String(repeating: "[", count: 20_000))
    #expect(throws: ConfigurationError.self) {
      try ClusterConfiguration.load(explicitPath: path, environment: [:])
    }
  }

  @Test("A file above 4 MiB is not read")
  func tooLarge() throws {
    let directory = try TestDirectory()
    let path = try directory.write("config", String(repeating: "# long\n", count: 700_000))
    let error = #expect(throws: ConfigurationError.self) {
      try ClusterConfiguration.load(explicitPath: path, environment: [:])
    }
    #expect(error?.reason == "the file is larger than 4 MiB")
  }
}
