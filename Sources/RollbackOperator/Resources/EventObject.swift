import FoundationEssentials
public import KubernetesClient
public import RollbackCore

/// A RollbackEvent as it is cached.
public struct EventObject: KubernetesObject {
  public static var resource: APIResource { .rollbackEvents }

  public var metadata: ObjectMeta
  public var spec: EventSpec
  public var status: EventStatus

  public init(metadata: ObjectMeta, spec: EventSpec, status: EventStatus = EventStatus()) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public init(from cursor: inout JSONCursor) throws(JSONError) {
    var metadata = ObjectMeta()
    var spec: EventSpec?
    var status = EventStatus()
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": metadata = try ObjectMeta(from: &cursor)
      case "spec": spec = try cursor.read(EventSpec.self)
      case "status": status = try cursor.read(EventStatus.self)
      default: try cursor.skip()
      }
    }
    guard let spec else { throw JSONError(offset: 0, reason: .missing("spec")) }
    guard ObjectName.isSubdomain(spec.target.name) else {
      throw JSONError(
        offset: 0, reason: .invalidValue("it is not the name of a workload"), path: "spec.target.name")
    }
    self.init(metadata: metadata, spec: spec, status: status)
  }

  public init(_ value: JSONValue) throws(JSONError) {
    self = try Self.decode(value.serialized())
  }

  /// The journal for the machine.
  var record: RollbackRecord {
    RollbackRecord(
      name: metadata.name, createdAt: metadata.creationTimestamp ?? Date(timeIntervalSince1970: 0), spec: spec,
      status: status)
  }

  /// What later decisions depend on.
  var facts: EventFacts {
    EventFacts(
      name: metadata.name, suspectHash: spec.suspect?.hash, suspectRevision: spec.suspect?.revision,
      isAutomatic: spec.origin == .trigger, outcome: status.outcome, actedAt: record.acceptedAt,
      began: record.began, hasStarted: !record.mayBePlanned, trigger: spec.trigger?.name, incident: spec.incident)
  }
}
