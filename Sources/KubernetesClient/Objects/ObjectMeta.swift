public import FoundationEssentials

/// The part of `metav1.ObjectMeta` that the operator needs.
///
/// Left out: `managedFields`, finalizers and the last applied configuration.
public struct ObjectMeta: Sendable, Equatable {
  public var name: String
  /// `nil` for kinds without namespace.
  public var namespace: String?
  private var compactUID: CompactUID
  /// Opaque; compared for equality only, apart from decimal ones.
  public var resourceVersion: String
  public var generation: Int64
  private var created: CompactDate
  private var deleted: CompactDate
  public var labels: StringMap
  public var annotations: StringMap
  public var ownerReferences: [OwnerReference]

  public init(
    name: String = "", namespace: String? = nil, uid: String = "", resourceVersion: String = "", generation: Int64 = 0,
    creationTimestamp: Date? = nil, deletionTimestamp: Date? = nil, labels: StringMap = [:],
    annotations: StringMap = [:], ownerReferences: [OwnerReference] = []
  ) {
    self.name = name
    self.namespace = namespace
    compactUID = CompactUID(uid)
    self.resourceVersion = resourceVersion
    self.generation = generation
    created = CompactDate(creationTimestamp)
    deleted = CompactDate(deletionTimestamp)
    self.labels = labels
    self.annotations = annotations
    self.ownerReferences = ownerReferences
  }

  public var uid: String {
    get { compactUID.text }
    set { compactUID = CompactUID(newValue) }
  }

  public var creationTimestamp: Date? {
    get { created.date }
    set { created = CompactDate(newValue) }
  }

  /// Set while the object is being deleted.
  public var deletionTimestamp: Date? {
    get { deleted.date }
    set { deleted = CompactDate(newValue) }
  }

  /// The owner that manages this object.
  public var controller: OwnerReference? {
    ownerReferences.first { $0.isController }
  }

  /// Reads an object of metadata.
  public init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() { try read(key, from: &cursor) }
  }

  mutating func read(_ key: borrowing JSONKey, from cursor: inout JSONCursor) throws(JSONError) {
    switch key {
    // Shared because it is often the value of a label too.
    case "name": name = try cursor.readSharedStringIfPresent() ?? ""
    case "namespace": namespace = try cursor.readSharedStringIfPresent()
    case "uid": compactUID = try CompactUID(from: &cursor)
    case "resourceVersion": resourceVersion = try cursor.readStringIfPresent() ?? ""
    case "generation": generation = try cursor.readInt64IfPresent() ?? 0
    case "creationTimestamp": creationTimestamp = try cursor.readTimestampIfPresent()
    case "deletionTimestamp": deletionTimestamp = try cursor.readTimestampIfPresent()
    case "labels": labels = try StringMap(from: &cursor)
    case "annotations": annotations = try StringMap(from: &cursor)
    case "ownerReferences":
      ownerReferences = try cursor.readList { cursor throws(JSONError) in try OwnerReference(from: &cursor) }
    default: try cursor.skip()
    }
  }
}
