/// All certificates of one cluster, as files in its `pki` folder.
struct ClusterCertificates: Sendable {
  /// Where the files are.
  let folder: String
  private(set) var authority: CertificateAuthority
  /// Every authority that clients and servers trust, newest first; more than one after a rotation.
  private(set) var trusted: [CertificateAuthority]
  private let frontProxyAuthority: CertificateAuthority

  static let validity = Duration.seconds(365 * 86_400)

  /// Makes everything and writes it.
  init(folder: String) throws(ClusterError) {
    self.folder = folder
    authority = try CertificateAuthority(commonName: "local-cluster")
    trusted = [authority]
    frontProxyAuthority = try CertificateAuthority(commonName: "local-cluster-front-proxy")
    try FileSystem.makeFolder(folder)
    let signing = SigningKey()
    try FileSystem.write(signing.privateKey + "\n", to: path("service-account.key"))
    try FileSystem.write(signing.publicKey + "\n", to: path("service-account.pub"))
    try FileSystem.write(frontProxyAuthority.certificate, to: path("front-proxy-ca.crt"))
    try write(
      frontProxyAuthority.issueClient(
        commonName: "front-proxy-client", organizations: [], validFor: Self.validity), as: "front-proxy-client")
    try writeWhatTheAuthoritySigns()
  }

  func path(_ file: String) -> String { "\(folder)/\(file)" }

  /// The trusted authorities' certificates, one after another.
  var trustBundle: String { trusted.map(\.certificate).joined() }

  /// Makes new serving certificates from the current authority.
  func rotateServingCertificates() throws(ClusterError) {
    try write(
      authority.issueServer(
        commonName: "kube-apiserver",
        names: [
          "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
          "kubernetes.default.svc.cluster.local",
        ],
        addresses: [[127, 0, 0, 1], [10, 96, 0, 1]], validFor: Self.validity), as: "apiserver")
    try write(
      authority.issueServer(
        commonName: "apiextensions", names: ["localhost", CustomResourceServer.serviceHost],
        addresses: [[127, 0, 0, 1]], validFor: Self.validity), as: "apiextensions")
  }

  /// Makes a new authority and everything it signs.
  ///
  /// - Parameter keepingOldTrust: whether certificates of the former authorities stay trusted.
  mutating func rotateAuthority(keepingOldTrust: Bool) throws(ClusterError) {
    authority = try CertificateAuthority(commonName: "local-cluster")
    trusted = keepingOldTrust ? [authority] + trusted : [authority]
    try writeWhatTheAuthoritySigns()
  }

  private func writeWhatTheAuthoritySigns() throws(ClusterError) {
    try FileSystem.write(trustBundle, to: path("ca.crt"))
    try rotateServingCertificates()
    try write(
      authority.issueClient(
        commonName: "kube-apiserver-kubelet-client", organizations: ["system:masters"], validFor: Self.validity),
      as: "kubelet-client")
  }

  private func write(_ pair: CertificateAndKey, as name: String) throws(ClusterError) {
    try FileSystem.write(pair.privateKey + "\n", to: path("\(name).key"))
    try FileSystem.write(pair.certificate, to: path("\(name).crt"))
  }
}
