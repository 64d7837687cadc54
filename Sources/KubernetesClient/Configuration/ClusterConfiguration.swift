/// Everything that is needed to talk to one API server: its address, whom to trust, and how to prove who we are.
///
/// The server's certificate is always verified; there is no way to switch that off.
public struct ClusterConfiguration: Sendable, Equatable {
  /// The API server.
  public var server: ServerAddress
  /// The namespace to use where none is given.
  public var namespace: String
  /// The name to verify the server's certificate against, where it differs from the host in ``server``.
  public var tlsServerName: String?
  /// PEM certificates that may have signed the server's; `nil`: the machine's own trust store.
  public var certificateAuthority: SecretSource?
  /// How to prove who we are.
  public var credentials: CredentialSource
  /// The kubeconfig's context, where there is one.
  public var contextName: String?
  /// The name of the kubeconfig's user entry, where there is one; the API server may know that user by another name.
  public var userName: String?
  /// Where all this was read from, for logs and error messages, such as `kubeconfig /home/ann/.kube/config, context
  /// dev`.
  public var origin: String

  public init(
    server: ServerAddress, namespace: String = "default", tlsServerName: String? = nil,
    certificateAuthority: SecretSource? = nil, credentials: CredentialSource = .init(), contextName: String? = nil,
    origin: String = "configuration"
  ) {
    self.server = server
    self.namespace = namespace
    self.tlsServerName = tlsServerName
    self.certificateAuthority = certificateAuthority
    self.credentials = credentials
    self.contextName = contextName
    self.origin = origin
  }
}
