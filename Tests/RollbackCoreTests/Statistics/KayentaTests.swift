import Testing

@testable import RollbackCore

/// The published cases of Kayenta: the same inputs, the same figures and verdicts.
///
/// Sources: kayenta-mannwhitney `MannWhitneySuite.scala` and kayenta-judge `ClassifierSuite.scala` of
/// github.com/spinnaker. Its cases that are drawn with random noise or that replace missing data are not among them.
@Suite("Comparisons decide as Kayenta does")
struct KayentaTests {
  typealias Samples = KayentaSamples

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var experiment: [Double]
    var control: [Double]
    var direction = MannWhitneyComparison.Direction.either
    var effects = (low: 1.0, high: 1.0)
    var verdict: MannWhitneyComparison.Verdict
    var testDescription: String { name }
  }

  static let few = [20.0, 22, 21, 25, 30]
  static let less = [1.0, 2.2, 1.1, 2.5, 3]
  static let ones = [1.0, 1, 1, 1, 1]

  static let cases = [
    Case(name: "Pass Metric", experiment: Samples.around10, control: Samples.control10, verdict: .pass),
    Case(name: "High Metric", experiment: Samples.around20, control: Samples.control10, verdict: .high),
    Case(name: "Low Metric", experiment: Samples.around10, control: Samples.control20, verdict: .low),
    Case(
      name: "Increase", experiment: Samples.around10, control: Samples.control20, direction: .above, verdict: .pass),
    Case(
      name: "Decrease", experiment: Samples.around20, control: Samples.control10, direction: .below, verdict: .pass),
    Case(
      name: "High Metric, directional", experiment: Samples.around20, control: Samples.control10, direction: .above,
      verdict: .high),
    Case(
      name: "Low Metric, directional", experiment: Samples.around10, control: Samples.control20, direction: .below,
      verdict: .low),
    Case(
      name: "High Metric (Large Input)", experiment: Samples.manyErrors, control: Samples.fewErrors, verdict: .high),
    Case(
      name: "Mean Ratio Effect Size: High", experiment: few, control: less, effects: (0.8, 1.2), verdict: .high),
    Case(
      name: "Mean Ratio Effect Size: Low", experiment: Samples.around10, control: Samples.control20, direction: .below,
      effects: (0.8, 1.2), verdict: .low),
    Case(
      name: "Mean Ratio Effect Size: Pass", experiment: [10, 12.2, 10.1, 12.5, 23], control: few, effects: (0.5, 1),
      verdict: .pass),
    Case(
      name: "Mean Ratio Effect Size: Pass (Large Input)", experiment: Samples.manyErrors, control: Samples.fewErrors,
      effects: (1, 5), verdict: .pass),
    Case(
      name: "Critical Effect Size: Critical Low", experiment: [2, 2, 2, 2, 3], control: [10, 20.2, 10.1, 20.5, 30],
      verdict: .low),
    Case(name: "Critical Effect Size: High", experiment: few, control: less, effects: (1, 5), verdict: .high),
    Case(name: "Critical Effect Size: Pass", experiment: few, control: less, effects: (1, 13), verdict: .pass),
    Case(name: "Tied Observations", experiment: [1, 1, 1], control: [1, 1], direction: .below, verdict: .pass),
    Case(
      name: "Identical Populations", experiment: [1, 2, 3, 4, 5], control: [5, 4, 3, 2, 1], direction: .below,
      verdict: .pass),
    Case(
      name: "Leading Zero Identical Population", experiment: [0, 1, 1, 1, 1], control: ones, direction: .below,
      verdict: .pass),
    Case(name: "Majority Tied Observations", experiment: [1, 1, 1, 1, 10], control: ones, verdict: .pass),
    Case(name: "Tied Ranks", experiment: [10, 10, 10, 10, 10], control: ones, verdict: .high),
    Case(name: "Tied Ranks With Zeros", experiment: [10, 10, 10, 10, 10], control: [0, 0, 0, 0, 0], verdict: .high),
  ]

  @Test("A published case gives the published verdict", arguments: cases)
  func verdict(of one: Case) {
    let comparison = MannWhitneyComparison(
      confidence: 0.95, highEffect: one.effects.high, lowEffect: one.effects.low, minimumPoints: 1, tolerance: 0.1,
      direction: one.direction)
    #expect(comparison.compare(one.experiment, with: one.control).verdict == one.verdict)
  }

  @Test("Missing data is no data")
  func missing() {
    let comparison = MannWhitneyComparison(confidence: 0.95, minimumPoints: 1, direction: .below)
    let missing: [([Double], [Double])] = [([], [1, 2, 3, 4, 5]), ([], []), ([.nan], [1])]
    for (experiment, control) in missing {
      guard case .noData = comparison.compare(experiment, with: control).verdict else {
        Issue.record("\(experiment) against \(control)")
        return
      }
    }
  }

  @Test("The shift is what Kayenta's suite has from R, step for step where ties make it jump")
  func shifts() throws {
    func near(_ value: Double, _ expected: Double) -> Bool { (value - expected).magnitude < 1e-6 }
    let simple = try #require(MannWhitney([10, 20, 30, 40], [1, 2, 3, 4])).shift(confidence: 0.95)
    #expect(simple.lower == 6 && simple.upper == 39)
    let tied = try #require(MannWhitney(Samples.tiedExperiment, Samples.tiedControl)).shift(confidence: 0.95)
    #expect(near(tied.lower, -0.500002521696696) && near(tied.upper, -3.486287505871302e-5))
    let large = try #require(MannWhitney(Samples.manyErrors, Samples.fewErrors)).shift(confidence: 0.95)
    #expect(near(large.lower, 3.521755377702165e-5) && near(large.upper, 2.02456461662334e-5))
    #expect(near(large.estimate, 2.6279243045155653e-5))
  }

  @Test("The statistics at the ends of the search are R's")
  func statistics() {
    let (x, y) = (Samples.manyErrors, Samples.fewErrors.sorted())
    func standardised(_ shift: Double) -> Double {
      let rank = RankSum(x, y, shift: shift)
      return (rank.centred - (rank.centred > 0 ? 0.5 : -0.5)) / rank.deviation
    }
    let quantile = 1.9599639845400536
    #expect((standardised(-3.1249999999999858) - quantile - 17.090968923762254).magnitude < 1e-9)
    #expect((standardised(5.5555555555555571) - quantile - -20.997687930433106).magnitude < 1e-9)
    #expect((-NormalDistribution.quantile(0.025) - quantile).magnitude < 1e-12)
  }
}
