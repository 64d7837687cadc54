import FoundationEssentials
import KubernetesClient
import Testing

@testable import ControllerRuntime

/// An election whose requests a test answers.
private final class Subject {
  var election: LeaderElection
  var wallTime = Date(timeIntervalSince1970: 1_800_000_000.25)

  init(_ identity: String = "me") {
    election = LeaderElection(
      name: NamespacedName(namespace: "ns", name: "lease"), identity: identity, timing: LeaderElectionTiming())
  }

  func next(_ now: Double) -> LeaderElection.Step { election.next(now: .seconds(now), wallTime: wallTime) }

  func handle(_ answer: LeaderElection.Answer, _ now: Double) {
    election.handle(answer, now: .seconds(now), jitter: 0)
  }

  func isLeading(_ now: Double) -> Bool { election.isLeading(now: .seconds(now)) }
  func release(_ now: Double) -> JSONValue? { election.release(now: .seconds(now), wallTime: wallTime) }

  /// Becomes leader of a free lease at 0 s.
  func lead() {
    _ = next(0)
    handle(.missing, 0)
    guard case .create(let object) = next(0) else { return }
    handle(.written(LeaseSnapshot(object: object)), 0)
  }
}

@Suite("Decisions of the leader election")
struct LeaderElectionTests {
  private static func lease(
    _ holder: JSONValue, renewed: String = "2026-01-01T00:00:00.000000Z", seconds: JSONValue = 6, version: String = "1"
  ) -> LeaseSnapshot {
    LeaseSnapshot(object: [
      "metadata": ["name": "lease", "resourceVersion": .string(version)],
      "spec": [
        "holderIdentity": holder, "leaseDurationSeconds": seconds, "renewTime": .string(renewed),
        "acquireTime": "2026-01-01T00:00:00.000000Z", "leaseTransitions": 4,
      ],
    ])
  }

  private func spec(_ step: LeaderElection.Step) -> JSONValue? {
    switch step {
    case .create(let object), .update(let object): object["spec"]
    default: nil
    }
  }

  @Test("Without a lease one is made, with six fractional digits and no transition")
  func creates() {
    let subject = Subject()
    #expect(subject.next(0) == .read)
    subject.handle(.missing, 0)
    let step = subject.next(0)
    #expect(
      spec(step) == [
        "holderIdentity": "me", "leaseDurationSeconds": 6, "acquireTime": "2027-01-15T08:00:00.250000Z",
        "renewTime": "2027-01-15T08:00:00.250000Z", "leaseTransitions": 0,
      ])
    #expect(!subject.isLeading(0))
    guard case .create(let object) = step else { return }
    #expect(object["metadata"] == ["name": "lease", "namespace": "ns"])
    subject.handle(.written(LeaseSnapshot(object: object)), 0.5)
    #expect(subject.isLeading(0.5))
  }

  @Test("Leadership is counted from before the request was sent")
  func countsFromSending() {
    let subject = Subject()
    subject.lead()
    #expect(subject.next(0.5) == .wait(until: .seconds(1)))
    guard case .update(let object) = subject.next(1) else {
      Issue.record("no renewal")
      return
    }
    subject.handle(.written(LeaseSnapshot(object: object)), 2.9)
    #expect(subject.isLeading(4.9) && !subject.isLeading(5))
  }

  @Test("A lease of another is taken over only after it did not change for its duration, by the own clock")
  func takesOver() {
    let subject = Subject()
    _ = subject.next(0)
    subject.handle(.found(Self.lease("other")), 0)
    #expect(subject.next(0.5) == .wait(until: .seconds(1)))
    #expect(subject.next(1) == .read)
    subject.handle(.found(Self.lease("other", renewed: "2026-01-01T00:00:01.000000Z", version: "2")), 1)
    // Written after the question of 0 s and before the answer of 1 s.
    for now in [2.0, 3, 4, 5] {
      #expect(subject.next(now) == .read)
      subject.handle(.found(Self.lease("other", renewed: "2026-01-01T00:00:01.000000Z", version: "3")), now)
      #expect(spec(subject.next(now)) == nil)
    }
    #expect(subject.next(6) == .read)
    subject.handle(.found(Self.lease("other", renewed: "2026-01-01T00:00:01.000000Z", version: "3")), 6)
    let taken = spec(subject.next(6))
    #expect(taken?["holderIdentity"] == "me" && taken?["leaseTransitions"] == 5)
    #expect(taken?["acquireTime"] == taken?["renewTime"])
  }

  @Test("Who follows looks once per pause, and again at the very end of the lease; the random wait is for failures")
  func followsClosely() {
    let subject = Subject()
    _ = subject.next(0.25)
    subject.handle(.found(Self.lease("other", seconds: 6)), 0.5)
    #expect(subject.next(0.75) == .wait(until: .seconds(1.5)))
    for now in [1.5, 2.5, 3.5, 4.5, 5.75] {
      #expect(subject.next(now) == .read)
      subject.election.handle(.found(Self.lease("other", seconds: 6)), now: .seconds(now), jitter: 0.2)
    }
    #expect(subject.next(6) == .wait(until: .seconds(6.5)))
    #expect(subject.next(6.5) == .read)
    subject.handle(.found(Self.lease("other", seconds: 6)), 6.5)
    #expect(spec(subject.next(6.5))?["holderIdentity"] == "me")
  }

  @Test(
    "The written duration of the holder counts, not the own one; an impossible one is the own one",
    arguments: [
      (JSONValue.number(JSONNumber(20)), 20.0), (-1, 6), (0, 6), (nil, 6), ("x", 6),
    ])
  func duration(seconds: JSONValue, expected: Double) {
    let subject = Subject()
    _ = subject.next(0)
    subject.handle(.found(Self.lease("other", seconds: seconds)), 0)
    _ = subject.next(expected - 0.1)
    subject.handle(.found(Self.lease("other", seconds: seconds)), expected - 0.1)
    #expect(spec(subject.next(expected - 0.1)) == nil)
    _ = subject.next(expected + 1)
    subject.handle(.found(Self.lease("other", seconds: seconds)), expected + 1)
    #expect(spec(subject.next(expected + 1)) != nil)
  }

  @Test("A released lease is taken at once", arguments: ["", nil] as [JSONValue])
  func released(holder: JSONValue) {
    let subject = Subject()
    _ = subject.next(0)
    subject.handle(.found(Self.lease(holder)), 0)
    #expect(spec(subject.next(0))?["holderIdentity"] == "me")
  }

  @Test("A holder that cannot be read holds the lease all the same")
  func unreadable() {
    let subject = Subject()
    _ = subject.next(0)
    subject.handle(.found(Self.lease(17)), 0)
    #expect(spec(subject.next(0)) == nil)
  }

  @Test("Renewals keep acquireTime and transitions, and fields that are not known")
  func renews() {
    let subject = Subject()
    _ = subject.next(0)
    var lease = Self.lease("me").object
    lease["spec"]?["strategy"] = "OldestEmulationVersion"
    subject.handle(.found(LeaseSnapshot(object: lease)), 0)
    let renewed = spec(subject.next(0))
    #expect(renewed?["acquireTime"] == "2026-01-01T00:00:00.000000Z" && renewed?["leaseTransitions"] == 4)
    #expect(renewed?["renewTime"] == "2027-01-15T08:00:00.250000Z")
    #expect(renewed?["strategy"] == "OldestEmulationVersion")
  }

  @Test("Nothing leads past the renew deadline, and there is no way back")
  func deadline() {
    let subject = Subject()
    subject.lead()
    _ = subject.next(1)
    subject.handle(.failed, 3)
    #expect(subject.isLeading(3.9) && !subject.isLeading(4))
    #expect(subject.next(3.5) == .wait(until: .seconds(4)), "the next try would be too late")
    #expect(subject.next(4) == .lost(.notRenewed))
    subject.handle(.found(Self.lease("me")), 4)
    #expect(subject.next(100) == .lost(.notRenewed) && !subject.isLeading(4))
  }

  @Test("After a failed renewal the leader reads first; its own lost write renews, another holder ends it")
  func readsAfterFailure() {
    let subject = Subject()
    subject.lead()
    _ = subject.next(1)
    subject.handle(.failed, 1)
    #expect(subject.next(2) == .read)
    subject.handle(.found(Self.lease("me", version: "9")), 2)
    #expect(spec(subject.next(2)) != nil)
    subject.handle(.conflict, 2.1)
    #expect(subject.next(2.1) == .read)
    subject.handle(.found(Self.lease("other")), 2.2)
    #expect(subject.next(2.2) == .lost(.takenOver(by: "other")))
    #expect(!subject.isLeading(2.2))
  }

  @Test("A request may take until half of the deadline, and never longer than leadership lasts")
  func timeouts() {
    let subject = Subject()
    #expect(subject.election.timeout(now: .zero) == .seconds(2))
    subject.lead()
    #expect(subject.election.timeout(now: .seconds(1)) == .seconds(2))
    #expect(subject.election.timeout(now: .seconds(3)) == .seconds(1))
    #expect(subject.election.timeout(now: .seconds(9)) == .zero)
  }

  @Test("A missing namespace is tried again at the normal pace")
  func missingNamespace() {
    let subject = Subject()
    _ = subject.next(0)
    subject.handle(.missing, 0)
    _ = subject.next(0)
    subject.handle(.missing, 0)
    #expect(subject.next(0) == .wait(until: .seconds(1)))
    #expect(subject.next(1) == .read)
  }

  @Test("A deleted lease is made again by its leader")
  func deletedLease() {
    let subject = Subject()
    subject.lead()
    _ = subject.next(1)
    subject.handle(.missing, 1)
    #expect(spec(subject.next(1))?["holderIdentity"] == "me")
  }

  @Test("Giving up writes an empty holder and one second, and only when the lease is held")
  func givesUp() {
    let subject = Subject()
    subject.lead()
    let spec = subject.release(1)?["spec"]
    #expect(spec?["holderIdentity"] == "" && spec?["leaseDurationSeconds"] == 1)
    #expect(!subject.isLeading(1) && subject.release(1) == nil)
    #expect(Subject().release(1) == nil)
    let late = Subject()
    late.lead()
    #expect(late.release(4) == nil)
  }
}
