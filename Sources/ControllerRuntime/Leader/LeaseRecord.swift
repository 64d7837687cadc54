import FoundationEssentials
public import KubernetesClient

/// The part of a Lease an election is about.
struct LeaseRecord: Sendable, Equatable {
  /// Who holds the lease; empty when nobody does.
  var holder: String
  var durationSeconds: Int64
  var acquireTime: Date?
  var renewTime: Date?
  /// How often the holder changed.
  var transitions: Int64

  init(holder: String, durationSeconds: Int64, acquireTime: Date?, renewTime: Date?, transitions: Int64) {
    self.holder = holder
    self.durationSeconds = durationSeconds
    self.acquireTime = acquireTime
    self.renewTime = renewTime
    self.transitions = transitions
  }

  /// Reads `spec` of a Lease. What cannot be read never makes a held lease look free.
  ///
  /// - Parameter defaultDuration: stands for a missing or impossible duration, in seconds.
  init(spec: JSONValue?, defaultDuration: Int64) {
    switch spec?["holderIdentity"] {
    case nil, .null: holder = ""
    case .string(let name): holder = name
    default: holder = "(unreadable)"
    }
    let seconds = spec?["leaseDurationSeconds"]?.int64 ?? defaultDuration
    durationSeconds = seconds > 0 ? min(seconds, Int64(Int32.max)) : defaultDuration
    acquireTime = (spec?["acquireTime"]?.string).flatMap(Timestamp.date)
    renewTime = (spec?["renewTime"]?.string).flatMap(Timestamp.date)
    transitions = max(0, spec?["leaseTransitions"]?.int64 ?? 0)
  }

  /// Writes the record into `spec`, leaving the fields it does not know.
  func write(into spec: inout JSONValue) {
    spec["holderIdentity"] = .string(holder)
    spec["leaseDurationSeconds"] = JSONValue(durationSeconds)
    spec["acquireTime"] = acquireTime.map { .string(Timestamp.micros($0)) }
    spec["renewTime"] = renewTime.map { .string(Timestamp.micros($0)) }
    spec["leaseTransitions"] = JSONValue(transitions)
  }
}

/// A Lease as the API server has it.
public struct LeaseSnapshot: Sendable {
  /// The whole object.
  public var object: JSONValue

  public init(object: JSONValue) {
    self.object = object
  }

  var resourceVersion: String { object["metadata"]?["resourceVersion"]?.string ?? "" }

  func record(defaultDuration: Int64) -> LeaseRecord {
    LeaseRecord(spec: object["spec"], defaultDuration: defaultDuration)
  }

  /// The object with another record, for an update under the optimistic lock of its resource version.
  func updated(with record: LeaseRecord) -> JSONValue {
    var object = object
    var spec = object["spec"] ?? .object([:])
    record.write(into: &spec)
    object["spec"] = spec
    return object
  }
}
