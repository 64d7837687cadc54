import FoundationEssentials

/// Text of a kubeconfig with one cluster, one user and one context.
struct Kubeconfig {
  /// Address of the API server.
  var server: String
  /// Certificates of the authorities in PEM.
  var trust: String
  var user: String
  var credentials: CertificateAndKey

  /// Everything in one file.
  var embedded: String {
    text(
      trust: "certificate-authority-data: \(base64(trust))",
      certificate: "client-certificate-data: \(base64(credentials.certificate))",
      key: "client-key-data: \(base64(credentials.privateKey))")
  }

  /// Writes a file that refers to three others beside it, which may be replaced while clients run.
  func writeWithFiles(to path: String) throws(ClusterError) {
    try FileSystem.write(trust, to: "\(path).ca.crt")
    try FileSystem.write(credentials.certificate, to: "\(path).crt")
    try FileSystem.write(credentials.privateKey + "\n", to: "\(path).key")
    let text = text(
      trust: "certificate-authority: \(path).ca.crt", certificate: "client-certificate: \(path).crt",
      key: "client-key: \(path).key")
    try FileSystem.write(text, to: path)
  }

  private func text(trust: String, certificate: String, key: String) -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: local-cluster
    clusters:
      - name: local-cluster
        cluster:
          server: \(server)
          \(trust)
    users:
      - name: \(user)
        user:
          \(certificate)
          \(key)
    contexts:
      - name: local-cluster
        context:
          cluster: local-cluster
          user: \(user)

    """
  }

  private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
