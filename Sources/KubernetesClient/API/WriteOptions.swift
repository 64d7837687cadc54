/// How a write is done.
public struct WriteOptions: Sendable, Equatable {
  /// What the server does with fields it does not know and with duplicates (Kubernetes 1.25 or newer; older servers
  /// ignore it).
  public enum FieldValidation: String, Sendable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
  }

  /// Everything is checked, admission included, and nothing is stored.
  public var dryRun: Bool
  public var fieldValidation: FieldValidation?
  /// Name the changed fields are recorded under; the client's own when `nil`.
  public var fieldManager: String?

  public init(dryRun: Bool = false, fieldValidation: FieldValidation? = nil, fieldManager: String? = nil) {
    self.dryRun = dryRun
    self.fieldValidation = fieldValidation
    self.fieldManager = fieldManager
  }
}

/// What must be true of an object for it to be deleted; a mismatch is ``KubernetesError/Code/conflict``.
public struct Preconditions: Sendable, Equatable {
  public var uid: String?
  public var resourceVersion: String?

  public init(uid: String? = nil, resourceVersion: String? = nil) {
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}

/// What becomes of the objects a deleted object owns.
public enum PropagationPolicy: String, Sendable {
  /// They stay, without owner.
  case orphan = "Orphan"
  /// The garbage collector deletes them afterwards.
  case background = "Background"
  /// They are deleted before their owner is.
  case foreground = "Foreground"
}
