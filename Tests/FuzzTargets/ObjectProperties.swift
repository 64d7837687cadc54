import FoundationEssentials
import RollbackCore

@testable import KubernetesClient
@testable import RollbackOperator

/// Any text as each kind of object.
enum ObjectProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let tree = try? JSONValue(parsing: bytes)
    try agrees(Deployment.self, bytes, tree)
    try agrees(Pod.self, bytes, tree)
    try agrees(ReplicaSetMetadata.self, bytes, tree)
    try agrees(Node.self, bytes, tree)
    if let policy = try agrees(PolicyObject.self, bytes, tree) { try check(policy) }
    if let event = try agrees(EventObject.self, bytes, tree) { try check(event) }
    if let lease = try agrees(Lease.self, bytes, tree) { try check(lease) }
  }

  /// The typed reader takes only what is JSON, and finds in it what the tree has.
  @discardableResult
  private static func agrees<Object: KubernetesObject>(
    _ type: Object.Type, _ bytes: [UInt8], _ tree: JSONValue?
  ) throws(Violation) -> Object? {
    let object: Object
    do throws(JSONError) {
      object = try Object.decode(bytes)
    } catch {
      try Text.requireOneLine(error.description, longest: 2_000)
      return nil
    }
    guard let tree else {
      // A policy whose spec or status cannot be read is still read, so that its author can be told.
      if object is PolicyObject { return object }
      throw Violation(description: "\(type) was read from what is not JSON")
    }
    // Readers merge members that stand twice, the tree keeps the last; the API server sends neither.
    guard !JSONTwins.exist(in: bytes, tree) else { return object }
    let metadata = tree["metadata"]
    try require(object.metadata.name == (metadata?["name"]?.string ?? ""), "\(type): another name")
    try require(object.metadata.namespace == metadata?["namespace"]?.string, "\(type): another namespace")
    try require(object.metadata.uid == (metadata?["uid"]?.string ?? ""), "\(type): another UID")
    try require(object.metadata.generation == (metadata?["generation"]?.int64 ?? 0), "\(type): another generation")
    return object
  }

  private static func check(_ policy: PolicyObject) throws(Violation) {
    switch policy.spec {
    case .failure(let violation):
      try Text.requireOneLine(violation.description, longest: 2_000)
    case .success(let spec):
      try require(copy(spec) == spec, "the spec changes when it is written and read again: \(spec)")
    }
    _ = copy(policy.status)
  }

  private static func check(_ event: EventObject) throws(Violation) {
    try require(copy(event.spec) == event.spec, "the spec changes when it is written and read again: \(event.spec)")
    let once = copy(event.status)
    try require(once != nil && once == once.flatMap { copy($0) }, "the status changes each time it is written")
    _ = event.facts
    _ = event.record
  }

  private static func check(_ lease: Lease) throws(Violation) {
    guard let copy = try? Lease.decode(lease.json.serialized()) else {
      throw Violation(description: "its own text is refused: \(lease)")
    }
    try require(copy.json == lease.json, "the Lease changes when it is written and read again: \(lease)")
  }

  private static func copy<Value: Codable>(_ value: Value) -> Value? {
    try? JSONValue(encoding: value).decode(Value.self)
  }
}
