public import KubernetesClient

/// One change of one object, as the simulated API server accepted it.
public struct Change: Sendable {
  public enum Verb: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  public var resourceVersion: UInt64
  public var verb: Verb
  public var resource: APIResource
  public var namespace: String?
  public var name: String
  /// `nil` for what is new.
  public var old: JSONValue?
  /// The last state for what is gone.
  public var new: JSONValue
  /// Who asked for it.
  public var user: String

  public init(
    resourceVersion: UInt64, verb: Verb, resource: APIResource, namespace: String?, name: String, old: JSONValue?,
    new: JSONValue, user: String
  ) {
    self.resourceVersion = resourceVersion
    self.verb = verb
    self.resource = resource
    self.namespace = namespace
    self.name = name
    self.old = old
    self.new = new
    self.user = user
  }
}
