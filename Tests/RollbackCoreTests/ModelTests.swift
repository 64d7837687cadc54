import FoundationEssentials
import RollbackCore
import Testing

@Suite("What people write in a policy")
struct ModelTests {
  @Test(
    "Durations are read as Go reads them, always with a unit",
    arguments: [
      ("90s", 90_000), ("2m", 120_000), ("1h30m", 5_400_000), ("250ms", 250), ("1.5s", 1_500), ("0s", 0),
      ("720h", 2_592_000_000),
    ] as [(String, Int64)])
  func durations(text: String, milliseconds: Int64) {
    #expect(PolicyDuration(text)?.milliseconds == milliseconds)
  }

  @Test(
    "What is no duration is refused",
    arguments: [
      "", "0", "5", "s", ".5s", "1.s", "1.2345s", "1234567s", "-1s", "1d", "1 s", "1e3s", "١s", "721h", "1..5s",
      "NaNs", "999999999999999h", "1h-1m",
      "1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s",
    ])
  func noDurations(text: String) {
    #expect(PolicyDuration(text) == nil)
  }

  @Test(
    "A duration is written so that it reads the same",
    arguments: [0, 1, 999, 1_000, 1_050, 61_000, 3_600_000, 5_432_100])
  func durationRoundTrip(milliseconds: Int64) {
    let duration = PolicyDuration(milliseconds: milliseconds)
    #expect(PolicyDuration(duration.description) == duration)
  }

  @Test(
    "Thresholds are shares or counts",
    arguments: [("50%", Threshold.percent(50)), ("12.5%", .percent(12.5)), ("3", .count(3)), ("0", .count(0))])
  func thresholds(text: String, threshold: Threshold) {
    #expect(Threshold(text) == threshold)
    #expect(Threshold(threshold.description) == threshold)
  }

  @Test(
    "What is no threshold is refused",
    arguments: ["", "%", "100%", "101%", "1e1%", "+1", "1.2345%", "1000000", "-1", "-1%", "NaN%", "inf%", "1.5", "5 %"])
  func noThresholds(text: String) {
    #expect(Threshold(text) == nil)
  }

  @Test("A threshold is breached from above only, and nothing is above a share of nothing")
  func exceeded() {
    #expect(Threshold.percent(50).isExceeded(by: 2, of: 3))
    #expect(!Threshold.percent(50).isExceeded(by: 1, of: 2))
    #expect(!Threshold.percent(0).isExceeded(by: 0, of: 0))
    #expect(Threshold.count(2).isExceeded(by: 3, of: 3))
    #expect(!Threshold.count(2).isExceeded(by: 2, of: 3))
  }

  @Test("An event's name depends on the four things it is about, and on nothing else")
  func eventNames() {
    func name(_ policy: String = "p", _ target: String = "t", _ hash: String = "abc", _ attempt: Int = 0) -> String {
      EventName.rollback(policyUID: policy, targetUID: target, target: "web", suspectHash: hash, attempt: attempt)
    }
    #expect(name() == name())
    #expect(name().hasPrefix("web-abc-"))
    let others = [name("q"), name("p", "u"), name("p", "t", "abd"), name("p", "t", "abc", 1)]
    #expect(Set(others + [name()]).count == 5)
    let known = EventName.knownBad(
      policyUID: "p", targetUID: "t", target: "web", suspectHash: "abc", attempt: 0, revision: 5)
    #expect(known != name())
  }

  @Test("An event's name is never longer than the API server allows")
  func longNames() {
    let name = EventName.rollback(
      policyUID: "p", targetUID: "t", target: String(repeating: "a", count: 253), suspectHash: "6d5f8c9b7d", attempt: 0)
    #expect(name.utf8.count == 253)
    #expect(name.contains("-6d5f8c9b7d-"))
  }

  @Test("A condition's transition time moves only with its status")
  func conditions() {
    var conditions: [Condition] = []
    conditions.set("Ready", .true, reason: "A", message: "a", at: Date(timeIntervalSince1970: 1))
    conditions.set("Ready", .true, reason: "B", message: "b", at: Date(timeIntervalSince1970: 2))
    #expect(conditions["Ready"]?.lastTransitionTime == Date(timeIntervalSince1970: 1))
    #expect(conditions["Ready"]?.reason == "B")
    conditions.set("Ready", .false, reason: "C", message: "c", at: Date(timeIntervalSince1970: 3))
    #expect(conditions["Ready"]?.lastTransitionTime == Date(timeIntervalSince1970: 3))
  }

  @Test("A timeline keeps its beginning and its end when it grows beyond 100 entries")
  func timeline() {
    var status = EventStatus()
    for index in 0..<250 { status.note("entry \(index)", at: Date(timeIntervalSince1970: Double(index))) }
    #expect(status.timeline?.count == 100)
    #expect(status.timeline?.first?.what == "entry 0")
    #expect(status.timeline?.last?.what == "entry 249")
  }
}
