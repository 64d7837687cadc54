import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("What is asked of the time before a rollout")
struct TriggerArmingTests {
  private func need(_ facts: Facts) throws -> SampleBook.Need {
    try #require(TriggerArming(administratorSources: ["default"]).needs(facts)?.first)
  }

  private func past(_ need: SampleBook.Need, _ part: SampleBook.Part) throws -> PastMeasurement {
    guard case .past(let past) = try #require(need.references?.measurements[part]).get().kind else {
      throw SampleProblem(cause: "it is not of the past")
    }
    return past
  }

  /// The second revision is on trial; the first was proven good.
  private func facts(_ promql: String = "x{hash=\"{{hash}}\"}", fleet: Bool = false) throws -> Facts {
    let criteria = Criteria(
      baseline: BaselineCriterion(offset: .minutes(60), above: try Baseline("3x")), anomaly: AnomalyCriterion(),
      comparison: ComparisonCriterion())
    return Facts.healthy.revisions(.test(1, verdict: .good), .test(2)).policy {
      $0.triggers = [
        Trigger(
          name: "a",
          .query(QueryTrigger(promql: promql, criteria: criteria, fleet: fleet ? .init(label: "app") : nil)))
      ]
    }
  }

  @Test("The last good revision's values of a time that ends where the rollout begins")
  func windows() throws {
    let need = try need(try facts())
    let (baseline, anomaly, control) = (
      try past(need, .baseline), try past(need, .anomaly), try past(need, .comparison)
    )
    #expect(baseline.end == testStart.addingTimeInterval(-3_600) && anomaly.end == testStart)
    #expect(baseline.start == baseline.end.addingTimeInterval(-1_800))
    #expect(anomaly.start == testStart.addingTimeInterval(-86_400) && anomaly.step > .seconds(86))
    #expect(control.start == testStart.addingTimeInterval(-600) && control.step == .seconds(15))
    for past in [baseline, anomaly, control] { #expect(past.query.promql == "x{hash=\"r1\"}") }
    guard case .query(let now) = try need.measurement.get().kind else {
      Issue.record("it is no query")
      return
    }
    #expect(now.promql == "x{hash=\"r2\"}")
    #expect(need.references?.comparesSince == testStart && need.references?.isFirst == false)
  }

  @Test("Nothing is asked while no rollout is judged, and of a first revision no comparison")
  func none() throws {
    #expect(try need(try facts().revisions(.test(1), .test(2, verdict: .good))).references == nil)
    let first = try need(try facts("x").revisions(.test(1), .test(2)))
    #expect(first.references?.isFirst == true)
    #expect(first.references?.measurements[.comparison] == nil && first.references?.comparesSince == nil)
    #expect(try past(first, .baseline).query.promql == "x")
  }

  @Test("While an undo is verified the time before the bad rollout stays what is compared with")
  func returned() throws {
    let began = testStart.addingTimeInterval(-7_200)
    var event = EventFacts(
      name: "e", suspectHash: "r3", suspectRevision: 3, isAutomatic: true, outcome: nil, actedAt: testStart,
      began: began, hasStarted: true)
    var facts = try facts()
    facts.history = [event]
    let need = try need(facts)
    #expect(try past(need, .anomaly).end == began)
    #expect(need.references?.measurements[.comparison] == nil && need.references?.comparesSince == nil)
    event.outcome = .recovered
    facts.history = [event]
    #expect(try past(try self.need(facts), .anomaly).end == testStart)
  }

  @Test("A fleet's query is the same for every target, which are told apart by their names")
  func fleet() throws {
    var facts = try facts("sum by (app) (x{namespace=\"{{namespace}}\"})", fleet: true)
    let one = try need(facts)
    facts.workload.name = "api"
    facts.workload.uid = "other"
    let two = try need(facts)
    #expect(try one.measurement.get() == two.measurement.get())
    #expect(one.subject == "web" && two.subject == "api")
  }
}
