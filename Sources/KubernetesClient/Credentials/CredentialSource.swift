/// Where a certificate, a key or a token comes from.
///
/// A file is read again while the program runs, so that what is rotated in it is taken up; inline bytes never change.
public enum SecretSource: Sendable, Hashable, CustomStringConvertible {
  /// An absolute path.
  case file(String)
  /// Bytes that stood in a configuration; `origin` says where, for error messages.
  case inline([UInt8], origin: String)

  /// The file or the field that a person has to look at; never the secret itself.
  public var description: String {
    switch self {
    case .file(let path): path
    case .inline(_, let origin): origin
    }
  }
}

/// How the operator proves who it is to the API server: the first that is there of client certificate, token file,
/// token, exec plugin, and user name with password.
public struct CredentialSource: Sendable, Equatable {
  /// A PEM client certificate with its chain; it may hold the key too, as a pod-certificate volume does.
  public var clientCertificate: SecretSource?
  /// The PEM key; `nil` when it stands in the same file as the certificate.
  public var clientKey: SecretSource?
  /// A bearer token; from a file it is read again as it is rotated.
  public var token: SecretSource?
  /// A program that prints credentials.
  public var exec: ExecPluginConfiguration?
  /// User name and password for basic authentication.
  public var basic: BasicCredentials?

  /// User name and password.
  public struct BasicCredentials: Sendable, Equatable, CustomStringConvertible {
    public var username: String
    public var password: String

    public init(username: String, password: String) {
      self.username = username
      self.password = password
    }

    /// The user name without the password.
    public var description: String { "user \(username)" }
  }

  public init(
    clientCertificate: SecretSource? = nil, clientKey: SecretSource? = nil, token: SecretSource? = nil,
    exec: ExecPluginConfiguration? = nil, basic: BasicCredentials? = nil
  ) {
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.token = token
    self.exec = exec
    self.basic = basic
  }
}

/// A client-go credential plugin: a program that is run to get a token or a client certificate.
public struct ExecPluginConfiguration: Sendable, Equatable, CustomStringConvertible {
  /// `client.authentication.k8s.io/v1` or `client.authentication.k8s.io/v1beta1`.
  public var apiVersion: String
  /// A path, or a name that is looked up in `PATH`.
  public var command: String
  public var arguments: [String]
  /// Added to the operator's own environment.
  public var environment: [String: String]
  /// Said to a person when the program is not there.
  public var installHint: String?
  /// The cluster as the plugin is told it (the JSON object `spec.cluster`); `nil` unless `provideClusterInfo` is set.
  public var clusterInfo: [UInt8]?
  /// Where it was configured, for error messages.
  public var origin: String
  /// The longest time one run may take.
  public var timeout: Duration

  public init(
    apiVersion: String, command: String, arguments: [String] = [], environment: [String: String] = [:],
    installHint: String? = nil, clusterInfo: [UInt8]? = nil, origin: String, timeout: Duration = .seconds(30)
  ) {
    self.apiVersion = apiVersion
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.installHint = installHint
    self.clusterInfo = clusterInfo
    self.origin = origin
    self.timeout = timeout
  }

  /// The program and where it was configured; its arguments and environment may hold secrets.
  public var description: String { "\(command) (\(origin))" }
}
