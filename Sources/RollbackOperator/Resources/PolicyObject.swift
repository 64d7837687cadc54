public import KubernetesClient
public import RollbackCore

/// A RollbackPolicy as it is cached. A spec that cannot be understood does not make the object undecodable: the policy
/// must be told about it in its own status.
public struct PolicyObject: KubernetesObject {
  public static var resource: APIResource { .rollbackPolicies }

  public var metadata: ObjectMeta
  public var spec: Result<PolicySpec, PolicyViolation>
  public var status: PolicyStatus

  public init(metadata: ObjectMeta, spec: Result<PolicySpec, PolicyViolation>, status: PolicyStatus = PolicyStatus()) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  public init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init(
      metadata: ObjectMeta(),
      spec: .failure(PolicyViolation(path: "spec", problem: "is missing", remedy: "set spec.target")))
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": metadata = try ObjectMeta(from: &cursor)
      case "spec": spec = try Self.readSpec(&cursor)
      case "status":
        // A status of another version is no reason to ignore the policy: it is written anew.
        let start = cursor.position
        do throws(JSONError) {
          status = try JSONValue.decode(PolicyStatus.self, from: try cursor.readRaw())
        } catch {
          cursor.position = start
          try cursor.skipBalanced()
        }
      default: try cursor.skip()
      }
    }
  }

  private static func readSpec(_ cursor: inout JSONCursor) throws(JSONError) -> Result<PolicySpec, PolicyViolation> {
    let start = cursor.position
    do throws(JSONError) {
      return decode(try cursor.readRaw())
    } catch {
      // Nested too deep, or a number too long: what stands beside it can still be read, and the author be told.
      cursor.position = start
      try cursor.skipBalanced()
      return .failure(PolicyViolation(decoding: error))
    }
  }

  private static func decode(_ bytes: [UInt8]) -> Result<PolicySpec, PolicyViolation> {
    do throws(JSONError) {
      let spec = try JSONValue.decode(PolicySpec.self, from: bytes)
      if let violation = PolicyViolation.first(in: spec) { return .failure(violation) }
      return .success(spec)
    } catch {
      return .failure(PolicyViolation(decoding: error))
    }
  }

  /// The spec, when it can be worked with.
  public var validSpec: PolicySpec? { try? spec.get() }
}
