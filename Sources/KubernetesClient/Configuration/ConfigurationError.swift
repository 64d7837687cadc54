/// A configuration that cannot be used, named so that a person can mend it: the file, the field in it, the reason and
/// the remedy.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What the configuration was read from, such as `kubeconfig /home/ann/.kube/config`, or `in-cluster configuration`.
  public var file: String
  /// Path of the field, such as `users[0].user.client-certificate`; empty when the whole file is meant.
  public var key: String
  /// Why it cannot be used.
  public var reason: String
  /// What to do about it; empty when the reason says so already.
  public var remedy: String

  public init(file: String, key: String = "", reason: String, remedy: String = "") {
    self.file = file
    self.key = key
    self.reason = reason
    self.remedy = remedy
  }

  public var description: String {
    let place = key.isEmpty ? file : "\(file): \(key)"
    return remedy.isEmpty ? "\(place): \(reason)" : "\(place): \(reason); \(remedy)"
  }
}
