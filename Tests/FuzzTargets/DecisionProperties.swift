import FoundationEssentials
import RollbackCore

@testable import KubernetesClient
@testable import RollbackOperator

/// Any objects as the facts of a decision: an object with `policy`, `deployment`, `replicaSets`, `pods` and `events`.
///
/// Numbers and times that the API server would never let pass reach the arithmetic of the core this way.
enum DecisionProperties {
  private static let now = Date(timeIntervalSinceReferenceDate: 800_000_000)

  static func check(_ bytes: [UInt8]) throws(Violation) {
    guard let tree = try? JSONValue(parsing: bytes) else { return }
    let replicaSets = objects(ReplicaSetMetadata.self, tree["replicaSets"])
    let events = objects(EventObject.self, tree["events"])
    let pods = objects(Pod.self, tree["pods"]).map { PodFacts($0, restarts: [:]) }
    guard let deployment = object(Deployment.self, tree["deployment"]) else { return }
    let revisions = replicaSets.compactMap { Revision($0.metadata, template: nil) }
    let workload = WorkloadFacts(deployment)
    let policy = object(PolicyObject.self, tree["policy"])
    if let policy, let spec = policy.validSpec {
      let facts = Facts(
        now: now, policy: PolicyFacts(name: policy.metadata.name, uid: policy.metadata.uid, spec: spec),
        workload: workload, revisions: revisions, suspectPods: pods, memory: TargetMemory(),
        history: events.map(\.facts))
      try check(Assessment(facts))
    }
    let book = RevisionBook(revisions, rememberedGoodHash: nil)
    for event in events {
      for isLive in [false, true] {
        let seen = Observation(
          now: now, policy: policy.map { $0.validSpec.map { .present($0) } ?? .invalid } ?? .gone, workload: workload,
          revisions: book, current: book.current(number: workload.revision), isLive: isLive, returnedPods: pods)
        try ends(event.record, seen)
      }
    }
  }

  private static func check(_ assessment: Assessment) throws(Violation) {
    try require(assessment.explanation.unicodeScalars.count < 100_000, "an endless explanation")
  }

  /// With the same view of the world the machine writes a bounded number of times and then waits or ends.
  private static func ends(_ record: RollbackRecord, _ seen: Observation) throws(Violation) {
    var record = record
    for _ in 0..<8 {
      guard case .journal(let status, _) = RollbackMachine.next(record, seen) else { return }
      record.status = status
    }
    throw Violation(description: "the machine writes without an end: \(record.status)")
  }

  private static func objects<Object: KubernetesObject>(_ type: Object.Type, _ value: JSONValue?) -> [Object] {
    (value?.array ?? []).prefix(16).compactMap { object(type, $0) }
  }

  private static func object<Object: KubernetesObject>(_ type: Object.Type, _ value: JSONValue?) -> Object? {
    value.flatMap { try? Object.decode($0.serialized()) }
  }
}
