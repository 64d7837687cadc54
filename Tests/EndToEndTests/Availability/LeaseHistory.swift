import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackOperator
import Testing

/// What the API server's own audit log tells of the Lease of one scene: every accepted write of it, oldest first.
///
/// All times are the API server's.
struct LeaseHistory: Sendable {
  struct Write: Sendable {
    var user: String
    /// Empty when the lease was given up.
    var holder: String
    /// In seconds.
    var duration: Double
    var transitions: Int
    var acquired: String
    /// By the writer's clock.
    var renewed: Date?
    var received: Date
  }

  /// A time in which one process held the lease.
  struct Term: Sendable {
    var user: String
    var begin: Date
    var lastRenewal: Date
    /// Since when it is another's, or was given up; `nil` while it is held.
    var end: Date?
    var isGivenUp = false
    /// From the last write of the term before, or the moment it was given up, until this one began; `nil` for the
    /// first.
    var gap: Double?
  }

  private(set) var writes: [Write] = []

  init(_ events: [AuditEvent]) throws {
    for event in events where event.resource == "leases" && event.code < 300 {
      guard ["create", "update", "patch"].contains(event.verb) else { continue }
      let spec = event.requestObject?["spec"]
      let last = writes.last
      writes.append(
        Write(
          user: event.user, holder: spec?["holderIdentity"]?.string ?? last?.holder ?? "",
          duration: spec?["leaseDurationSeconds"]?.int64.map(Double.init) ?? last?.duration ?? 0,
          transitions: spec?["leaseTransitions"]?.int ?? last?.transitions ?? 0,
          acquired: spec?["acquireTime"]?.string ?? last?.acquired ?? "",
          renewed: spec?["renewTime"]?.string.flatMap(Timestamp.date),
          received: try #require(Timestamp.date(event.received))))
    }
    writes.sort { $0.received < $1.received }
  }

  /// Who held it, one after another.
  var terms: [Term] {
    var terms: [Term] = []
    var holder = ""
    for (index, write) in writes.enumerated() {
      if write.holder == holder {
        terms[terms.count - 1].lastRenewal = write.received
        continue
      }
      if !holder.isEmpty {
        terms[terms.count - 1].end = write.received
        terms[terms.count - 1].isGivenUp = write.holder.isEmpty
      }
      holder = write.holder
      guard !holder.isEmpty else { continue }
      let gap = index > 0 ? write.received.timeIntervalSince(writes[index - 1].received) : nil
      terms.append(Term(user: write.user, begin: write.received, lastRenewal: write.received, gap: gap))
    }
    return terms
  }

  /// What an election may never do, by this record alone: nobody takes a lease that is not given up before its holder
  /// has certainly ended, and half of what the holder leaves of its duration has passed since; each change of the
  /// holder counts one transition, each renewal none.
  ///
  /// - Parameter stranger: a user who keeps to no rules.
  func check(except stranger: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
    for (old, new) in zip(writes, writes.dropFirst()) where new.user != stranger {
      let waited = new.received.timeIntervalSince(old.received)
      let earliest = (old.duration + Replicas.renewDeadline) / 2
      if new.holder == old.holder || new.holder.isEmpty {
        #expect(old.user == new.user || old.user == stranger, "renewed by another", sourceLocation: sourceLocation)
        #expect(new.transitions == old.transitions, sourceLocation: sourceLocation)
        #expect(new.acquired == old.acquired, sourceLocation: sourceLocation)
      } else {
        #expect(old.holder.isEmpty || waited >= earliest, "taken too early", sourceLocation: sourceLocation)
        #expect(new.transitions == old.transitions + 1, sourceLocation: sourceLocation)
        #expect(new.acquired != old.acquired, sourceLocation: sourceLocation)
      }
    }
  }

  /// Requests that were sent by somebody who did not hold the lease when they came in.
  func outsideTerms(_ requests: [AuditEvent]) -> [String] {
    let terms = terms
    return requests.compactMap { request in
      guard let received = Timestamp.date(request.received) else { return "\(request)" }
      let isInside = terms.contains { term in
        term.user == request.user && received >= term.begin && term.end.map { received < $0 } ?? true
      }
      return isInside
        ? nil : "\(request.received) \(request.user) \(request.verb) \(request.requestURI): \(request.code)"
    }
  }
}

extension Scene {
  /// The history of the lease of this scene's replicas so far.
  func leaseHistory() throws -> LeaseHistory {
    try LeaseHistory(world.cluster.auditEvents(namespace: namespace))
  }

  /// Everything that replicas have written or tried to write into this namespace but the lease itself.
  func writesOfReplicas() throws -> [AuditEvent] {
    let verbs: Set = ["create", "update", "patch", "delete", "deletecollection"]
    return try world.cluster.auditEvents(namespace: namespace).filter {
      $0.user.hasPrefix(Replica.prefix) && verbs.contains($0.verb) && $0.resource != "leases"
    }
  }
}
