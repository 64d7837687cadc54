import KubernetesClient
import Testing

@Suite("Finding the cluster to talk to")
struct DetectTests {
  private static let pod = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]
  private let directory: TestDirectory

  init() throws { directory = try TestDirectory() }

  private func inCluster(_ files: [String]) throws -> ClusterConfiguration {
    for file in files { try directory.write("sa/\(file)", file == "namespace" ? "mine\n" : "x") }
    return try ClusterConfiguration.inCluster(
      environment: Self.pod, serviceAccountDirectory: "\(directory.path)/sa",
      podCertificatePath: "\(directory.path)/sa/bundle.pem")
  }

  @Test("In a Pod: address, authority, namespace and the ServiceAccount's token")
  func pod() throws {
    let found = try inCluster(["ca.crt", "token", "namespace"])
    #expect(found.server.description == "https://10.0.0.1:443")
    #expect(found.namespace == "mine")
    #expect(found.certificateAuthority == .file("\(directory.path)/sa/ca.crt"))
    #expect(found.credentials == CredentialSource(token: .file("\(directory.path)/sa/token")))
  }

  @Test("A mounted pod certificate comes before the token")
  func podCertificate() throws {
    let found = try inCluster(["ca.crt", "token", "bundle.pem"])
    #expect(found.credentials == CredentialSource(clientCertificate: .file("\(directory.path)/sa/bundle.pem")))
    #expect(found.namespace == "default")
  }

  @Test("What is not mounted is named with the remedy")
  func notMounted() throws {
    let noAuthority = #expect(throws: ConfigurationError.self) { try inCluster(["token"]) }
    #expect(noAuthority?.description.contains("/sa/ca.crt: the cluster's certificate authority is not mounted") == true)
    try directory.remove("sa/token")
    let noToken = #expect(throws: ConfigurationError.self) { try inCluster(["ca.crt"]) }
    #expect(noToken?.description.contains("neither a ServiceAccount token nor a pod certificate is mounted") == true)
  }

  @Test("An IPv6 service address")
  func ipv6() throws {
    for file in ["ca.crt", "token"] { try directory.write("sa/\(file)", "x") }
    let found = try ClusterConfiguration.inCluster(
      environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"],
      serviceAccountDirectory: "\(directory.path)/sa", podCertificatePath: "\(directory.path)/none")
    #expect(found.server.description == "https://[fd00::1]:443")
  }

  @Test("--kubeconfig comes before the Pod's own cluster, and --client-certificate before all other credentials")
  func flags() throws {
    let path = try directory.write(
      "config",
      "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
        + "clusters: [{name: k, cluster: {server: https://x}}]\nusers: [{name: u, user: {token: t}}]")
    let found = try ClusterConfiguration.detect(
      kubeconfig: path, clientCertificate: "/c.crt", clientKey: "/c.key", environment: Self.pod)
    #expect(found.server.host == "x")
    #expect(found.credentials == CredentialSource(clientCertificate: .file("/c.crt"), clientKey: .file("/c.key")))
    let environment = Self.pod.merging(["KUBECONFIG": path]) { $1 }
    #expect(try ClusterConfiguration.detect(environment: environment).server.host == "x", "Nothing is mounted here.")
  }

  @Test("A configuration that is printed shows no secret")
  func secrets() {
    let credentials = CredentialSource(
      token: .inline(Array("AAAA".utf8), origin: "users[0].user.token"),
      exec: ExecPluginConfiguration(apiVersion: "v1", command: "x", arguments: ["hidden"], origin: "k"),
      basic: .init(username: "ann", password: "hidden"))
    let text = "\(ClusterConfiguration(server: ServerAddress(host: "x"), credentials: credentials))"
    #expect(text.contains("users[0].user.token") && text.contains("user ann"))
    #expect(!text.contains("hidden") && !text.contains("65, 65"))
  }

  @Test("A key without a certificate is refused")
  func keyAlone() {
    let error = #expect(throws: ConfigurationError.self) {
      try ClusterConfiguration.detect(clientKey: "/c.key", environment: [:])
    }
    #expect(
      error?.description
        == "--client-key: a client key was given without a certificate; add --client-certificate")
  }

  @Test(
    "Addresses",
    arguments: [
      ("https://a", "https://a:443"), ("https://a:6443/", "https://a:6443"), ("http://a", "http://a:80"),
      ("a:8080", "http://a:8080"),
      ("HTTPS://1.2.3.4:1/p/q", "https://1.2.3.4:1/p/q"), ("https://[::1]", "https://[::1]:443"),
      ("https://u@a", nil), ("https://a?b", nil), ("https://a:0", nil), ("https://a:65536", nil), ("https://", nil),
      ("https://a b", nil), ("https://a\r\nHost: b", nil), ("https://[::1", nil), ("unix:///x", nil),
      ("https://ä", nil),
    ] as [(String, String?)])
  func addresses(text: String, expected: String?) {
    #expect(ServerAddress(text)?.description == expected)
  }
}
