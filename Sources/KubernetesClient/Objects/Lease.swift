public import FoundationEssentials

/// A `coordination.k8s.io/v1` Lease: who leads, and until when.
public struct Lease: KubernetesObject, Equatable {
  public static var resource: APIResource { .leases }

  public var metadata: ObjectMeta
  public var spec: Spec

  public init(metadata: ObjectMeta = ObjectMeta(), spec: Spec = Spec()) {
    self.metadata = metadata
    self.spec = spec
  }

  /// Each field may be absent.
  public struct Spec: Sendable, Equatable {
    /// `nil` or empty: released.
    public var holderIdentity: String?
    /// How long others wait after a renewal that they have seen, before they take over.
    public var leaseDurationSeconds: Int?
    public var acquireTime: Date?
    public var renewTime: Date?
    /// How many times the holder has changed.
    public var leaseTransitions: Int?

    public init(
      holderIdentity: String? = nil, leaseDurationSeconds: Int? = nil, acquireTime: Date? = nil, renewTime: Date? = nil,
      leaseTransitions: Int? = nil
    ) {
      self.holderIdentity = holderIdentity
      self.leaseDurationSeconds = leaseDurationSeconds
      self.acquireTime = acquireTime
      self.renewTime = renewTime
      self.leaseTransitions = leaseTransitions
    }
  }

  public init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": metadata = try ObjectMeta(from: &cursor)
      case "spec": spec = try Spec(from: &cursor)
      default: try cursor.skip()
      }
    }
  }

  /// The whole object, to create or to replace it. The resource version in it makes a replace fail if somebody else was
  /// faster.
  public var json: JSONValue {
    [
      "apiVersion": .string(Self.resource.apiVersion), "kind": .string(Self.resource.kind), "metadata": metadata.json,
      "spec": spec.json,
    ]
  }
}

extension Lease.Spec {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "holderIdentity": holderIdentity = try cursor.readStringIfPresent()
      case "leaseDurationSeconds": leaseDurationSeconds = try cursor.readIntIfPresent()
      case "acquireTime": acquireTime = try cursor.readTimestampIfPresent()
      case "renewTime": renewTime = try cursor.readTimestampIfPresent()
      case "leaseTransitions": leaseTransitions = try cursor.readIntIfPresent()
      default: try cursor.skip()
      }
    }
  }

  /// The spec with times as `metav1.MicroTime` writes them.
  public var json: JSONValue {
    var value: JSONValue = [:]
    if let holderIdentity { value["holderIdentity"] = .string(holderIdentity) }
    if let leaseDurationSeconds { value["leaseDurationSeconds"] = JSONValue(leaseDurationSeconds) }
    if let acquireTime { value["acquireTime"] = .string(Timestamp.micros(acquireTime)) }
    if let renewTime { value["renewTime"] = .string(Timestamp.micros(renewTime)) }
    if let leaseTransitions { value["leaseTransitions"] = JSONValue(leaseTransitions) }
    return value
  }
}
