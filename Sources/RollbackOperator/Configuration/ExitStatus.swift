import KubernetesClient

/// The exit status of `rollback-operator`, which scripts and unit files may rely on.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// Ended by SIGTERM or SIGINT.
  case success = 0
  /// The lease was lost, or something happened that only a restart may cure.
  case failure = 1
  /// The configuration must be changed first; a restart will not help.
  case unusableConfiguration = 2

  /// The status with which a process that ends because of `error` exits.
  public init(_ error: any Error) {
    switch error {
    case is OperatorConfigurationError, is ConfigurationError, is CredentialError, is ListenError:
      self = .unusableConfiguration
    default: self = .failure
    }
  }
}
