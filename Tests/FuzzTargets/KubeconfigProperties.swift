@testable import KubernetesClient

/// Any bytes as a kubeconfig.
///
/// Files that it names are looked for below a folder that does not exist; absolute paths are left out, so that what
/// is found does not depend on the machine.
enum KubeconfigProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let kubeconfig: Kubeconfig
    do throws(ConfigurationError) {
      kubeconfig = try Kubeconfig(bytes: bytes, path: "/nonexistent/config")
    } catch {
      return try complaint(error, secrets: [])
    }
    guard !bytes.contains(UInt8(ascii: "/")) || !namesAbsolutePath(kubeconfig) else { return }
    var merged = kubeconfig
    merged.merge(kubeconfig)
    try require(merged.contexts.count == kubeconfig.contexts.count, "a file merged with itself has other contexts")
    let text = String(decoding: bytes, as: UTF8.self)
    let secrets = secrets(of: kubeconfig).filter { secret in
      // One that stands elsewhere too, as a name for example, may be said.
      secret.utf8.count >= 8 && text.ranges(of: secret).count == 1
    }
    for context in [nil] + kubeconfig.contexts.prefix(8).map(\.name) {
      let resolved = Result { () throws(ConfigurationError) in
        try KubeconfigResolver(kubeconfig: kubeconfig).resolve(context: context)
      }
      switch resolved {
      case .success(let configuration): try check(configuration)
      case .failure(let error): try complaint(error, secrets: secrets)
      }
    }
  }

  private static func check(_ configuration: ClusterConfiguration) throws(Violation) {
    let address = configuration.server.description
    try require(ServerAddress(address) == configuration.server, "the server is written as \(address)")
    if case .inline(let pem, let origin)? = configuration.certificateAuthority {
      try CertificateProperties.check(pem, origin: origin)
    }
    if let information = configuration.credentials.exec?.clusterInfo {
      let text = String(decoding: information, as: UTF8.self)
      try require((try? JSONValue(parsing: information)) != nil, "the plugin is told what is not JSON: \(text)")
    }
  }

  private static func complaint(_ error: ConfigurationError, secrets: [String]) throws(Violation) {
    try require(!error.reason.isEmpty, "a complaint without a reason")
    try Text.requireOneLine(error.description, longest: 8_000)
    for secret in secrets {
      try require(!error.description.contains(secret), "the secret \(secret) is repeated in: \(error)")
    }
  }

  private static func secrets(of kubeconfig: Kubeconfig) -> [String] {
    let names = ["token", "password", "client-key-data"]
    return kubeconfig.users.flatMap { user in
      names.compactMap { try? user.value?.text($0) }
    }
  }

  private static func namesAbsolutePath(_ kubeconfig: Kubeconfig) -> Bool {
    let names = ["certificate-authority", "client-certificate", "client-key", "tokenFile"]
    return (kubeconfig.users + kubeconfig.clusters).contains { entry in
      names.contains { ((try? entry.value?.text($0)) ?? nil)?.hasPrefix("/") ?? false }
    }
  }
}
