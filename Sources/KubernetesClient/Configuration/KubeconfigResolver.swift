/// Chooses a context and turns its cluster and user into a ``ClusterConfiguration``.
struct KubeconfigResolver {
  let kubeconfig: Kubeconfig

  func resolve(context wanted: String?) throws(ConfigurationError) -> ClusterConfiguration {
    guard let name = wanted ?? kubeconfig.currentContext else {
      let known = kubeconfig.contexts.prefix(20).map { "\"\($0.name)\"" }.joined(separator: ", ")
      throw ConfigurationError(
        file: kubeconfig.origin, key: "current-context", reason: "no context is chosen",
        remedy: known.isEmpty ? "the file defines none" : "give --context, one of \(known)")
    }
    let (file, key) = wanted == nil ? (kubeconfig.origin, "current-context") : (kubeconfig.origin, "--context")
    let context = try kubeconfig.entry(.contexts, named: name, askedBy: file, key: key)
    guard let value = context.value, let clusterName = try value.text("cluster") else {
      throw context.field.error("the context \"\(name)\" names no cluster")
    }
    let cluster = try kubeconfig.entry(
      .clusters, named: clusterName, askedBy: value.file, key: "\(value.path).cluster")
    var configuration = try self.cluster(cluster)
    configuration.namespace = try value.text("namespace") ?? "default"
    configuration.contextName = name
    configuration.origin = "\(kubeconfig.origin), context \(name)"
    if let userName = try value.text("user") {
      configuration.userName = userName
      let user = try kubeconfig.entry(.users, named: userName, askedBy: value.file, key: "\(value.path).user")
      configuration.credentials = try KubeconfigUser(entry: user, cluster: configuration, clusterEntry: cluster)
        .resolve()
    }
    return configuration
  }

  private func cluster(_ entry: Kubeconfig.Entry) throws(ConfigurationError) -> ClusterConfiguration {
    guard let field = entry.value, let serverField = try field.member("server"), let text = try field.text("server")
    else {
      throw entry.field.error("the cluster \"\(entry.name)\" has no server address", remedy: "set cluster.server")
    }
    guard let server = ServerAddress(text) else {
      throw serverField.error("\"\(text)\" is not an http or https address", remedy: "write https://HOST:PORT")
    }
    if try field.flag("insecure-skip-tls-verify") {
      throw try refuse(
        field, "insecure-skip-tls-verify", "the server's certificate is always verified",
        remedy: "remove it and give the cluster's certificate authority as certificate-authority")
    }
    if try field.text("proxy-url") != nil {
      throw try refuse(
        field, "proxy-url", "proxies are not supported", remedy: "remove it and use a direct way to the server")
    }
    let authority = try FileOrData(entry: entry, field: field).source("certificate-authority")
    return ClusterConfiguration(
      server: server, tlsServerName: try field.text("tls-server-name"), certificateAuthority: authority)
  }

  private func refuse(
    _ field: YAMLField, _ member: String, _ reason: String, remedy: String
  ) throws(ConfigurationError) -> ConfigurationError {
    (try field.member(member) ?? field).error(reason, remedy: remedy)
  }
}

/// The pairs `x` (a path) and `x-data` (base64), of which the data win.
struct FileOrData {
  let entry: Kubeconfig.Entry
  let field: YAMLField

  func source(_ name: String) throws(ConfigurationError) -> SecretSource? {
    if let data = try field.member("\(name)-data"), try !data.string().isEmpty {
      return .inline(try data.base64(), origin: "\(data.file): \(data.path)")
    }
    return try file(name)
  }

  /// A path, resolved against the file it stands in; the file must be readable now.
  func file(_ name: String) throws(ConfigurationError) -> SecretSource? {
    guard let member = try field.member(name), let path = try field.text(name) else { return nil }
    let resolved = FilePaths.resolve(path, against: entry.directory)
    do {
      _ = try SmallFile.read(resolved)
    } catch {
      throw member.error("\(resolved): \(error)", remedy: "check the path and its permissions")
    }
    return .file(resolved)
  }
}
