import FoundationEssentials
import KubernetesClient
import SimulatedCluster

/// What is done about a breach, by its severity: acted on, asked about, told, raised, waited with.
extension Scenario {
  private static func decided(
    _ name: String, severity: String, _ decision: JSONObject, lasting duration: Duration = .seconds(500),
    with others: @escaping @Sendable (World) -> Void = { _ in }, check: @escaping @Sendable (World) -> [String]
  ) -> Scenario {
    Scenario(name, lasting: duration) { world in
      var row: JSONObject = ["severity": .string(severity)]
      for member in decision { row[member.key] = member.value }
      let trigger = MeasuredTrigger.errorRate(MeasuredTrigger.revision, severity: severity)
      world.protect([trigger], window: "30m", decisions: [.object(row)])
      world.deployMeasured()
      others(world)
    } check: {
      check($0)
    }
  }

  /// A person is asked and agrees.
  static let askedAndApproved = decided(
    "asked, and approved", severity: "Medium", ["respond": "Ask", "within": "10m"],
    with: { $0.answer("Approved", after: $0.moment(0...120)) },
    check: { $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expectUndoAfterApproval() })

  /// A person is asked and refuses.
  static let askedAndRejected = decided(
    "asked, and rejected", severity: "Medium", ["respond": "Ask", "within": "10m"],
    with: { $0.answer("Rejected", after: $0.moment(0...120)) },
    check: { $0.expect(version: 2, outcomes: ["Rejected"]) })

  /// Nobody answers, so that nothing is done; meanwhile more and more people are told that nobody has.
  static let askedAndExpired = decided(
    "asked in vain", severity: "Medium",
    [
      "respond": "Ask", "within": "3m",
      "escalate": [["after": "1m", "notify": ["team"]], ["after": "2m", "notify": ["lead", "boss"]]],
    ],
    check: { $0.expect(version: 2, outcomes: ["Expired"]) + $0.expectEscalations(["team", "lead", "boss"]) })

  /// Nobody answers, and it goes on without.
  static let askedAndActedOn = decided(
    "asked in vain, and acted on", severity: "High", ["respond": "Ask", "within": "2m", "onTimeout": "Act"],
    check: { $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expectActed(afterSeconds: 120) })

  /// Every plan waits for a person, whatever its severity.
  static let modeApprove = Scenario("mode: Approve", lasting: .seconds(500)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    world.policy(["target": ["name": "web"], "mode": "Approve"])
    world.at(.seconds(30)) { $0.rollOut(SimulatedWorkload(version: 2, behaviour: "CrashLoop")) }
    world.answer("Approved", after: world.moment(5...100))
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expectUndoAfterApproval()
  }

  /// What is of little weight is told, and nothing is changed.
  static let notified = decided(
    "told, and nothing more", severity: "Low", ["respond": "Notify"],
    check: { $0.expect(version: 2, outcomes: ["Observed"]) })

  /// What is of little weight at first is not when it lasts.
  static let raised = decided(
    "raised to Critical", severity: "Low", ["respond": "Notify", "raise": ["after": "2m", "to": "Critical"]],
    check: {
      $0.expect(oneOf: [(1, ["Recovered"]), (1, ["Observed", "Recovered"])]) + $0.expect(undosAtMost: 1)
    })

  /// People have a fix under way and roll it out: it stays.
  static let hotfix = decided(
    "a fix within its window", severity: "High", ["respond": "Act", "hotfixWindow": "3m"],
    with: { world in world.at(world.moment(100...330)) { $0.rollOut(SimulatedWorkload(version: 3)) } },
    check: { world in
      let fix = world.firstChange(.deployments) {
        $0.new.at("/spec/template/spec/containers/0/image")?.string == "web:3"
      }
      guard let fix else { return ["no fix was rolled out"] }
      let outcomes = world.outcomes(of: "web")
      let isRight = [[], ["Superseded"], ["Recovered"], ["NotRecovered"]].contains(outcomes)
      return world.expect(version: 3, outcomes: outcomes) + (isRight ? [] : ["the events are \(outcomes)"])
        + (world.isPlanned(before: fix) || outcomes != ["Recovered"] ? [] : ["an undo was planned after the fix"])
    })

  /// No fix comes, and the window is over.
  static let noHotfix = decided(
    "no fix within its window", severity: "High", ["respond": "Act", "hotfixWindow": "2m"],
    check: { $0.expect(version: 1, outcomes: ["Recovered"]) + $0.expectActed(afterSeconds: 100) })

  /// What can wait is done at the next full ten minutes; who was not there then waits for the next ones.
  static let scheduled = decided(
    "at a scheduled time", severity: "Low", ["respond": "Schedule", "at": "*/10 * * * *"], lasting: .seconds(1_000),
    check: { $0.expect(oneOf: [(1, ["Recovered"]), (2, ["Held"])]) + $0.expectActed(every: 600, for: 300) })

  /// What goes wrong long after the rollout is told, as often as it happens, and undoes nothing.
  static let incident = Scenario("a breach at any time", lasting: .seconds(900)) { world in
    world.rollOut(SimulatedWorkload(version: 1))
    var trigger = MeasuredTrigger.errorRate()
    trigger["during"] = "Always"
    world.protect([trigger], window: "1m")
    for start in [250, 550] {
      world.at(.seconds(start)) { $0.annotatePods("error-rate", "0.3") }
      world.at(.seconds(start + 120)) { $0.annotatePods("error-rate", nil) }
    }
  } check: { world in
    // Whoever has not seen the first revision through its trial by then finds the breach in it.
    let events = world.events(of: "web")
    let numbers = events.compactMap { $0.at("/spec/incident")?.int }
    let ends: Set = ["NotRecovered", "Superseded", "Held"]
    return world.expect(undosAtMost: 0)
      + (Set(numbers).count == numbers.count ? [] : ["the incidents have the numbers \(numbers)"])
      + (ends.isSuperset(of: world.outcomes(of: "web")) ? [] : ["the events are \(world.outcomes(of: "web"))"])
      // What is not known any more of a breach that lasts, for a status that was refused, may be told again.
      + (events.count <= 6 ? [] : ["there are \(events.count) events about two breaches"])
  }

  static let decisions: [Scenario] = [
    askedAndApproved, askedAndRejected, askedAndExpired, askedAndActedOn, modeApprove, notified, raised, hotfix,
    noHotfix, scheduled, incident,
  ]
}

extension World {
  /// Answers the first question to a person, some time after it was asked.
  func answer(_ decision: String, after delay: Duration) {
    let asked = FirstOnly()
    server.observe { [weak self] change in
      guard let self, change.resource == Undo.events, ClusterView.isOperator(change.user),
        change.new.at("/status/conditions")?.array?.contains(where: { $0["reason"]?.string == "AwaitingApproval" })
          == true, asked.isFirst()
      else { return }
      let name = change.name
      engine.schedule(after: delay) { [weak self] in self?.give(decision, to: name) }
    }
  }

  private func give(_ decision: String, to event: String) {
    let approval: JSONValue = [
      "decision": .string(decision), "by": .string(person.user), "at": .string(Timestamp.seconds(server.now())),
      "reason": "it was looked at",
    ]
    byHand { person throws(Refusal) in
      try person.edit(Undo.events, Self.namespace, event) { object in object["spec"]?["approval"] = approval }
    }
  }

  /// What is wrong when a person was asked and something was done before the answer.
  fileprivate func expectUndoAfterApproval() -> [String] {
    let approval = firstChange(Undo.events) { $0.new.at("/spec/approval") != nil }
    guard let approval else { return ["nobody was asked"] }
    return isPlanned(before: approval) ? ["an undo was planned before it was approved"] : []
  }

  /// What is wrong when not everybody was told, or somebody twice.
  fileprivate func expectEscalations(_ channels: [String]) -> [String] {
    let told = events(of: "web").flatMap { event in
      (event.at("/status/notifications")?.array ?? []).compactMap { $0["channel"]?.string }
    }
    // Who finds the time over has nobody to tell any more.
    return told.count == Set(told).count && Set(told).isSubset(of: channels)
      ? [] : ["\(told.sorted()) were told, \(channels.sorted()) are to be"]
  }

  /// What is wrong when an undo was planned at another time than within so long after one of the scheduled times.
  fileprivate func expectActed(every period: TimeInterval, for duration: TimeInterval) -> [String] {
    events(of: "web").compactMap { event in
      guard let acted = event.at("/status/steps/0/startedAt")?.string.flatMap(Timestamp.date) else { return nil }
      let past = acted.timeIntervalSince1970.truncatingRemainder(dividingBy: period)
      return past <= duration ? nil : "it was acted \(past) s after the scheduled time, which lasts \(duration) s"
    }
  }

  /// What is wrong when an undo was planned earlier than so long after the breach began.
  fileprivate func expectActed(afterSeconds seconds: TimeInterval) -> [String] {
    events(of: "web").compactMap { event in
      guard let began = event.at("/spec/trigger/since")?.string.flatMap(Timestamp.date),
        let acted = event.at("/status/steps/0/startedAt")?.string.flatMap(Timestamp.date)
      else { return nil }
      let passed = acted.timeIntervalSince(began)
      return passed >= seconds ? nil : "it was acted \(passed) s after the breach began, \(seconds) s have to pass"
    }
  }
}
