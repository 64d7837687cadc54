/// Turns a kubeconfig user into a ``CredentialSource``.
struct KubeconfigUser {
  let entry: Kubeconfig.Entry
  let cluster: ClusterConfiguration
  let clusterEntry: Kubeconfig.Entry

  func resolve() throws(ConfigurationError) -> CredentialSource {
    guard let field = entry.value else { return CredentialSource() }
    try refuseUnsupported(field)
    let files = FileOrData(entry: entry, field: field)
    var source = CredentialSource()
    source.clientCertificate = try files.source("client-certificate")
    source.clientKey = try files.source("client-key")
    if source.clientCertificate == nil, source.clientKey != nil {
      throw field.error("there is a client-key but no client-certificate", remedy: "add client-certificate")
    }
    source.token = try token(field, files: files)
    if let username = try field.text("username") {
      guard source.token == nil else {
        throw field.error("there are both a token and a user name", remedy: "keep one of them")
      }
      source.basic = .init(username: username, password: try field.text("password") ?? "")
    }
    if let exec = try field.member("exec") { source.exec = try plugin(exec) }
    return source
  }

  private func token(_ field: YAMLField, files: FileOrData) throws(ConfigurationError) -> SecretSource? {
    if let file = try files.file("tokenFile") { return file }
    guard let member = try field.member("token"), let token = try field.text("token") else { return nil }
    return .inline(Array(token.utf8), origin: "\(member.file): \(member.path)")
  }

  private func refuseUnsupported(_ field: YAMLField) throws(ConfigurationError) {
    if let provider = try field.member("auth-provider") {
      throw provider.error(
        "auth-provider was removed from Kubernetes and is not supported", remedy: "use an exec credential plugin")
    }
    for name in ["as", "as-uid", "as-groups", "as-user-extra"] {
      guard let member = try field.member(name) else { continue }
      throw member.error("impersonation is not supported", remedy: "use a context with the account's own credentials")
    }
  }

  private func plugin(_ field: YAMLField) throws(ConfigurationError) -> ExecPluginConfiguration {
    let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
    guard let version = try field.text("apiVersion") else {
      throw field.error("apiVersion is missing", remedy: "set \(versions[0])")
    }
    guard versions.contains(version) else {
      throw try (field.member("apiVersion") ?? field).error(
        "\"\(version)\" is not supported", remedy: "use \(versions.joined(separator: " or "))")
    }
    guard let command = try field.text("command") else { throw field.error("command is missing") }
    switch try field.text("interactiveMode") {
    case "Never", "IfAvailable": break
    case nil where version.hasSuffix("/v1beta1"): break
    case nil: throw field.error("interactiveMode is missing", remedy: "set Never")
    case "Always":
      throw try (field.member("interactiveMode") ?? field).error(
        "the plugin asks for a terminal, and an operator has none", remedy: "set Never, or use other credentials")
    case .some(let mode):
      throw try (field.member("interactiveMode") ?? field).error(
        "\"\(mode)\" is not one of Never, IfAvailable, Always")
    }
    var arguments: [String] = []
    for argument in try field.member("args")?.elements() ?? [] { arguments.append(try argument.string()) }
    var environment: [String: String] = [:]
    for variable in try field.member("env")?.elements() ?? [] {
      guard let name = try variable.text("name"), !name.contains("=") else {
        throw variable.error("an environment variable needs a name without \"=\"")
      }
      environment[name] = try variable.member("value")?.string() ?? ""
    }
    // A bare name is looked up in PATH; anything with a slash is a path relative to the kubeconfig, as for kubectl.
    let path = command.contains("/") ? FilePaths.resolve(command, against: entry.directory) : command
    return ExecPluginConfiguration(
      apiVersion: version, command: path, arguments: arguments, environment: environment,
      installHint: try field.text("installHint"),
      clusterInfo: try field.flag("provideClusterInfo") ? try clusterInfo() : nil,
      origin: "\(field.file): \(field.path)")
  }

  private func clusterInfo() throws(ConfigurationError) -> [UInt8] {
    var info = ExecClusterInfo(server: cluster.server.description, tlsServerName: cluster.tlsServerName)
    switch cluster.certificateAuthority {
    case .inline(let bytes, _): info.authority = bytes
    case .file(let path): info.authority = try? SmallFile.read(path)
    case nil: break
    }
    guard let extensions = try clusterEntry.value?.member("extensions") else { return info.json() }
    for item in try extensions.elements() where try item.text("name") == "client.authentication.k8s.io/exec" {
      if let value = try item.member("extension") { info.config = try YAMLToJSON.convert(value) }
    }
    return info.json()
  }
}
