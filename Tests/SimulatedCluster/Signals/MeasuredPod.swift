public import FoundationEssentials
import KubernetesClient
public import LocalCluster

/// What one pod has shown to those who measure it, from its first status to its end.
public struct MeasuredPod: Sendable {
  /// A time in which what is measured does not change.
  struct Phase: Sendable {
    var since: Date
    var signals: PodSignals
    var requestsPerSecond: Double
  }

  public let namespace: String
  public let name: String
  /// The Deployment, as the name of the ReplicaSet says; empty for a pod of no ReplicaSet.
  public let deployment: String
  /// The template hash.
  public let hash: String
  public internal(set) var labels: [String: String]
  public internal(set) var containers: [String]
  /// When it was deleted; `nil` while it is there.
  public internal(set) var end: Date?
  /// When its containers started; `nil` before.
  private(set) var start: Date?
  private var behaviour: PodBehaviour
  private(set) var phases: [Phase] = []
  /// When it served, oldest first; the last one may be open.
  private var ready: [(since: Date, until: Date?)] = []

  /// How often the counters of a pod are read, in seconds. Between two readings nothing is known.
  public static let scrapeInterval = 5.0

  init?(_ document: JSONValue, at now: Date) {
    let metadata = document["metadata"]
    labels = metadata?["labels"]?.texts ?? [:]
    guard let hash = labels["pod-template-hash"] else { return nil }
    let owner = metadata?.at("/ownerReferences/0/name")?.string ?? ""
    self.hash = hash
    deployment = owner.hasSuffix("-\(hash)") ? String(owner.dropLast(hash.count + 1)) : ""
    namespace = metadata?["namespace"]?.string ?? ""
    name = metadata?["name"]?.string ?? ""
    containers = (document.at("/spec/containers")?.array ?? []).compactMap { $0["name"]?.string }
    behaviour = Self.behaviour(document) ?? PodBehaviour()
    take(document, at: now)
  }

  /// Takes in how the pod is now.
  mutating func take(_ document: JSONValue, at now: Date) {
    labels = document.at("/metadata/labels")?.texts ?? labels
    let known = behaviour
    // An annotation that became unreadable on a running pod changes nothing.
    behaviour = Self.behaviour(document) ?? behaviour
    if start == nil, document.at("/status/containerStatuses") != nil {
      start = now
      enter(from: now)
    } else if let start, behaviour != known {
      phases.removeAll { $0.since >= now }
      enter(from: now, failsAt: behaviour.failAfter.map { start + $0.seconds })
    }
    setReady(Self.isReady(document), at: now)
  }

  /// The pod is gone.
  mutating func finish(at now: Date) {
    setReady(false, at: now)
    end = end ?? now
  }

  private mutating func enter(from now: Date, failsAt: Date? = nil) {
    let rate = behaviour.requestsPerSecond
    let own = behaviour.signals ?? .good
    let turn = failsAt ?? behaviour.failAfter.map { now + $0.seconds }
    guard let turn, turn > now else {
      phases.append(Phase(since: now, signals: own, requestsPerSecond: rate))
      return
    }
    phases.append(Phase(since: now, signals: .good, requestsPerSecond: rate))
    phases.append(Phase(since: turn, signals: own, requestsPerSecond: rate))
  }

  private mutating func setReady(_ isReady: Bool, at now: Date) {
    let isOpen = ready.last.map { $0.until == nil } ?? false
    if isReady, !isOpen { ready.append((now, nil)) }
    if !isReady, isOpen { ready[ready.count - 1].until = now }
  }

  private static func isReady(_ document: JSONValue) -> Bool {
    guard document.at("/metadata/deletionTimestamp") == nil else { return false }
    return (document.at("/status/conditions")?.array ?? []).contains {
      $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
    }
  }

  private static func behaviour(_ document: JSONValue) -> PodBehaviour? {
    try? PodBehaviour(annotations: StringMap(document.at("/metadata/annotations")?.texts ?? [:]))
  }
}

extension MeasuredPod {
  /// Whether it takes requests.
  public func isServing(at now: Date) -> Bool {
    ready.contains { $0.since <= now && now < ($0.until ?? .distantFuture) }
  }

  /// Whether there is a process that could be asked for anything.
  public func isRunning(at now: Date) -> Bool {
    start.map { $0 <= now } ?? false && now < (end ?? .distantFuture)
  }

  /// All that was ever measured of it, one after the other.
  public var shownSignals: [PodSignals] { phases.map(\.signals) }

  /// What is measured of it at a moment.
  public func signals(at now: Date) -> PodSignals { phases.last { $0.since <= now }?.signals ?? .good }

  /// What it has served between two readings of its counters within a window; `nil` when there are no two.
  func traffic(from start: Date, to end: Date) -> Traffic? {
    guard let own = self.start else { return nil }
    let first = Self.scrape(atOrAfter: max(own, start))
    let last = Self.scrape(atOrBefore: min(end, self.end ?? end))
    guard first < last else { return nil }
    var traffic = Traffic()
    for (index, phase) in phases.enumerated() {
      let next = index + 1 < phases.count ? phases[index + 1].since : .distantFuture
      for time in ready {
        let from = max(first, phase.since, time.since)
        let until = min(last, next, time.until ?? .distantFuture)
        guard from < until else { continue }
        let requests = until.timeIntervalSince(from) * phase.requestsPerSecond
        traffic.requests += requests
        traffic.errors += requests * phase.signals.errorRate
      }
    }
    return traffic
  }

  private static func scrape(atOrAfter moment: Date) -> Date {
    Date(timeIntervalSince1970: (moment.timeIntervalSince1970 / scrapeInterval).rounded(.up) * scrapeInterval)
  }

  private static func scrape(atOrBefore moment: Date) -> Date {
    Date(timeIntervalSince1970: (moment.timeIntervalSince1970 / scrapeInterval).rounded(.down) * scrapeInterval)
  }
}

/// Requests that were counted, and how many of them failed.
struct Traffic: Sendable, Equatable {
  var requests = 0.0
  var errors = 0.0

  /// Not a number where nothing was asked, as in PromQL.
  var errorRatio: Double { requests > 0 ? errors / requests : .nan }

  static func + (one: Traffic, other: Traffic) -> Traffic {
    Traffic(requests: one.requests + other.requests, errors: one.errors + other.errors)
  }
}

extension Duration {
  fileprivate var seconds: TimeInterval { self / .seconds(1) }
}
