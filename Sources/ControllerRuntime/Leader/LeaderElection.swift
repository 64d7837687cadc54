import FoundationEssentials
import KubernetesClient

/// Every decision of the ``LeaderElector``, without requests or clocks.
///
/// The clock of another replica is never trusted: a lease runs out when its record has not changed for its duration
/// by the own monotonic clock. Who follows asks now and then, so a renewal is older than its sighting: it is counted
/// from the question before, but not by more than half of what a holder leaves between its own end and the lease's.
/// Leadership of one's own is counted from before the renewing request was sent, so it ends before anybody else may
/// take the lease.
struct LeaderElection: Sendable {
  enum Step: Sendable, Equatable {
    case read
    case create(JSONValue)
    case update(JSONValue)
    case wait(until: Duration)
    /// The lease is no longer held; there is no way back.
    case lost(LeadershipLost.Reason)
  }

  enum Answer: Sendable {
    case found(LeaseSnapshot)
    case missing
    case written(LeaseSnapshot)
    /// Somebody else changed or created the lease first.
    case conflict
    case failed
  }

  private enum Plan: Sendable {
    case read
    case create
    case update
  }

  let name: NamespacedName
  let identity: String
  let timing: LeaderElectionTiming

  private var plan = Plan.read
  private var nextTry: Duration = .zero
  private var snapshot: LeaseSnapshot?
  /// The earliest time at which the present record may have been written, as far as that may be used.
  private var observedAt: Duration = .zero
  /// When the last question was sent that was answered with the present record.
  private var confirmedAt: Duration?
  private var leadingUntil: Duration?
  private var lost: LeadershipLost.Reason?
  /// When the request under way was sent.
  private var sentAt: Duration = .zero

  init(name: NamespacedName, identity: String, timing: LeaderElectionTiming) {
    self.name = name
    self.identity = identity
    self.timing = timing
  }

  /// Who holds the lease as far as known; for logs.
  var holder: String { snapshot.map { record(of: $0).holder } ?? "" }

  func isLeading(now: Duration) -> Bool {
    guard lost == nil, let leadingUntil else { return false }
    return now < leadingUntil
  }

  /// How long the request that starts now may take.
  func timeout(now: Duration) -> Duration {
    guard let leadingUntil else { return timing.requestTimeout }
    return max(.zero, min(timing.requestTimeout, leadingUntil - now))
  }

  /// What to do now.
  mutating func next(now: Duration, wallTime: Date) -> Step {
    if let lost { return .lost(lost) }
    if let leadingUntil, now >= leadingUntil { return lose(.notRenewed) }
    if now < nextTry { return .wait(until: min(nextTry, leadingUntil ?? nextTry)) }
    sentAt = now
    switch (plan, snapshot) {
    case (.create, _): return .create(newLease(wallTime))
    case (.update, let snapshot?): return .update(snapshot.updated(with: claim(snapshot, wallTime)))
    case (.read, _), (.update, nil): return .read
    }
  }

  /// What became of the step, and how long to wait at random (in shares of the retry period) before a follower tries
  /// again what failed.
  mutating func handle(_ answer: Answer, now: Duration, jitter: Double) {
    switch answer {
    case .written(let written):
      observe(written, now: now)
      leadingUntil = sentAt + timing.renewDeadline
      plan = .update
      nextTry = sentAt + timing.retryPeriod
    case .missing where plan == .create:
      // Not the lease but its namespace is missing.
      plan = .read
      nextTry = now + pause(leadingUntil == nil ? jitter : 0)
    case .missing:
      snapshot = nil
      confirmedAt = nil
      plan = .create
    case .found(let found):
      observe(found, now: now)
      judge(found, now: now)
    case .conflict:
      plan = .read
      nextTry = leadingUntil == nil ? now + pause(jitter) : now
    case .failed:
      // The write may have been done: what the API server has now decides.
      plan = .read
      nextTry = now + pause(leadingUntil == nil ? jitter : 0)
    }
  }

  /// Gives the lease up.
  ///
  /// - Returns: the Lease to write, nil when it is not held.
  mutating func release(now: Duration, wallTime: Date) -> JSONValue? {
    let wasLeading = isLeading(now: now)
    leadingUntil = nil
    lost = lost ?? .released
    guard wasLeading, let snapshot, record(of: snapshot).holder == identity else { return nil }
    var record = record(of: snapshot)
    record.holder = ""
    record.durationSeconds = 1
    record.renewTime = wallTime
    return snapshot.updated(with: record)
  }

  // MARK: Parts

  private mutating func judge(_ found: LeaseSnapshot, now: Duration) {
    let record = record(of: found)
    if record.holder == identity || record.holder.isEmpty {
      plan = .update
    } else if leadingUntil != nil {
      _ = lose(.takenOver(by: record.holder))
    } else if now >= observedAt + .seconds(record.durationSeconds) {
      plan = .update
    } else {
      // Without jitter, and not past the end of the lease: who follows is at most one pause behind, and takes over at
      // once. When several do, the optimistic lock lets one through.
      plan = .read
      nextTry = min(now + timing.retryPeriod, observedAt + .seconds(record.durationSeconds))
    }
  }

  private mutating func observe(_ new: LeaseSnapshot, now: Duration) {
    // An edit of, say, a label is not a renewal: only the spec counts.
    if snapshot?.object["spec"] != new.object["spec"] {
      let margin = (.seconds(record(of: new).durationSeconds) - timing.renewDeadline) / 2
      observedAt = confirmedAt.map { min(now, max($0, now - max(margin, .zero))) } ?? now
    }
    confirmedAt = sentAt
    snapshot = new
  }

  private mutating func lose(_ reason: LeadershipLost.Reason) -> Step {
    lost = reason
    leadingUntil = nil
    return .lost(reason)
  }

  private func pause(_ jitter: Double) -> Duration { timing.retryPeriod * (1 + min(max(jitter, 0), 1)) }

  private var leaseSeconds: Int64 { max(1, timing.leaseDuration.components.seconds) }

  private func record(of snapshot: LeaseSnapshot) -> LeaseRecord {
    snapshot.record(defaultDuration: leaseSeconds)
  }

  private func claim(_ snapshot: LeaseSnapshot, _ wallTime: Date) -> LeaseRecord {
    let old = record(of: snapshot)
    let isOwn = old.holder == identity
    return LeaseRecord(
      holder: identity, durationSeconds: leaseSeconds,
      acquireTime: isOwn ? old.acquireTime ?? wallTime : wallTime, renewTime: wallTime,
      transitions: isOwn ? old.transitions : min(old.transitions, Int64(Int32.max) - 1) + 1)
  }

  private func newLease(_ wallTime: Date) -> JSONValue {
    var spec = JSONValue.object([:])
    LeaseRecord(
      holder: identity, durationSeconds: leaseSeconds, acquireTime: wallTime, renewTime: wallTime, transitions: 0
    ).write(into: &spec)
    return [
      "apiVersion": .string(APIResource.leases.apiVersion), "kind": .string(APIResource.leases.kind),
      "metadata": ["name": .string(name.name), "namespace": .string(name.namespace)], "spec": spec,
    ]
  }
}
