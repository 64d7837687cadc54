import FoundationEssentials
import KubernetesClient

/// A pod, with what the ReplicaSet controller looks at read out.
struct PodObject {
  let name: String
  let uid: String
  let created: String
  let node: String
  let phase: String
  let labels: [String: String]
  let isBeingDeleted: Bool
  let restarts: Int
  /// Since when the pod is ready; `nil` while it is not.
  let readySince: Date?

  init(_ document: JSONValue) {
    let metadata = document["metadata"]
    let status = document["status"]
    name = metadata?["name"]?.string ?? ""
    uid = metadata?["uid"]?.string ?? ""
    created = metadata?["creationTimestamp"]?.string ?? ""
    labels = metadata?["labels"]?.texts ?? [:]
    isBeingDeleted = metadata?["deletionTimestamp"] != nil
    node = document["spec"]?["nodeName"]?.string ?? ""
    phase = status?["phase"]?.string ?? "Pending"
    restarts = (status?["containerStatuses"]?.array ?? []).map { $0["restartCount"]?.int ?? 0 }.max() ?? 0
    let ready = status?["conditions"]?.array?.first { $0["type"]?.string == "Ready" }
    readySince =
      ready?["status"]?.string == "True" ? ready?["lastTransitionTime"]?.string.flatMap(Timestamp.date) : nil
  }

  /// Whether it counts: not on its way out, and not at its end.
  var isActive: Bool { !isBeingDeleted && phase != "Succeeded" && phase != "Failed" }

  var isReady: Bool { readySince != nil }

  func isAvailable(after minReadySeconds: Int, at now: Date) -> Bool {
    guard let readySince else { return false }
    return minReadySeconds == 0 || readySince + Double(minReadySeconds) < now
  }

  private var phaseRank: Int {
    switch phase {
    case "Running": 2
    case "Unknown": 1
    default: 0
    }
  }

  /// Which of two pods a ReplicaSet that shrinks gives up first.
  ///
  /// - Parameter crowd: how many pods of the same Deployment are on a node.
  static func goesFirst(_ one: PodObject, _ other: PodObject, crowd: [String: Int]) -> Bool {
    if one.node.isEmpty != other.node.isEmpty { return one.node.isEmpty }
    if one.phaseRank != other.phaseRank { return one.phaseRank < other.phaseRank }
    if one.isReady != other.isReady { return !one.isReady }
    let crowds = (crowd[one.node] ?? 0, crowd[other.node] ?? 0)
    if crowds.0 != crowds.1 { return crowds.0 > crowds.1 }
    if let first = one.readySince, let second = other.readySince, first != second { return first > second }
    if one.restarts != other.restarts { return one.restarts > other.restarts }
    if one.created != other.created { return one.created > other.created }
    return one.name < other.name
  }
}
