@testable import KubernetesClient

/// Any bytes as what a credential plugin printed.
enum CredentialProperties {
  private static let plugin = ExecPluginConfiguration(
    apiVersion: "client.authentication.k8s.io/v1", command: "plugin", origin: "test")

  static func check(_ bytes: [UInt8]) throws(Violation) {
    switch Result(catching: { () throws(CredentialError) in try ExecCredential(output: bytes, plugin: plugin) }) {
    case .success(let credential): try usable(credential)
    case .failure(let error):
      try Text.requireOneLine(error.message, longest: 4_000)
      // What it says of its own; the rest may be a secret.
      var said = error.message
      for own in [plugin.apiVersion, "ExecCredential", "expirationTimestamp"] {
        said = said.split(separator: own).joined(separator: " ")
      }
      try Text.requireNoEcho(of: bytes, in: said, length: 12)
    }
  }

  private static func usable(_ credential: ExecCredential) throws(Violation) {
    try require(credential.token != nil || credential.certificate != nil, "neither a token nor a certificate")
    try require(credential.token?.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } ?? true, "a token that splits a header")
  }
}
