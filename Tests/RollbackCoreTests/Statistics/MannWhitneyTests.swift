import Testing

@testable import RollbackCore

@Suite("The Mann–Whitney test")
struct MannWhitneyTests {
  typealias Generator = PromQLInjectionTests.Generator

  static func near(_ value: Double, _ expected: Double) -> Bool {
    (value - expected).magnitude <= 1e-9 * max(expected.magnitude, 1e-300)
  }

  /// Computed with R's `wilcox.test` and SciPy's `mannwhitneyu`, which agree.
  static let known: [(x: [Double], y: [Double], u: Double, isExact: Bool, p: MannWhitney.Probability)] = [
    (
      [1.1, 2.2, 3.3], [0.5, 2.5, 4, 5], 4, true,
      .init(twoSided: 0.6285714285714286, greater: 0.8, less: 0.3142857142857143)
    ),
    (
      [1, 2, 2, 3], [2, 3, 4, 4, 5], 2.5, false,
      .init(twoSided: 0.07854585095119067, greater: 0.9778107863272566, less: 0.039272925475595334)
    ),
    ([1], [2], 0, true, .init(twoSided: 1, greater: 1, less: 0.5)),
    ([1], [1], 0.5, false, .init(twoSided: 1, greater: 1, less: 1)),
  ]

  @Test("The probabilities are those of R: exact for small samples without ties, else approximate", arguments: known)
  func probabilities(x: [Double], y: [Double], u: Double, isExact: Bool, p: MannWhitney.Probability) throws {
    let test = try #require(MannWhitney(x, y))
    #expect(test.u == u && test.isExact == isExact)
    let found = test.probability
    #expect(Self.near(found.twoSided, p.twoSided), "\(found)")
    #expect(Self.near(found.greater, p.greater) && Self.near(found.less, p.less), "\(found)")
  }

  @Test("Larger samples: exact, and approximate with ties")
  func larger() throws {
    let pass = try #require(MannWhitney(KayentaSamples.around10, KayentaSamples.control10))
    #expect(pass.u == 454 && pass.isExact && Self.near(pass.probability.twoSided, 0.9590429558141444))
    let high = try #require(MannWhitney(KayentaSamples.around20, KayentaSamples.control10)).probability
    #expect(Self.near(high.twoSided, 1.691123389214474e-17) && Self.near(high.greater, 8.45561694607237e-18))
    let large = try #require(MannWhitney(KayentaSamples.manyErrors, KayentaSamples.fewErrors))
    #expect(large.u == 27_139 && Self.near(large.probability.twoSided, 2.833448233359799e-09))
  }

  @Test("The normal distribution is that of the tables, in the tails too")
  func normal() {
    let known = [
      (-37.0, 5.72557122252458e-300), (-8.3, 5.20556974489e-17), (-7, 1.279812543885835e-12),
      (-3, 1.3498980316300945e-3), (-0.5, 0.3085375387259869), (0, 0.5), (2, 0.9772498680518208), (40, 1), (-40, 0),
    ]
    for (x, p) in known {
      #expect((NormalDistribution.cumulative(x) - p).magnitude <= 1e-7 * p, "\(x)")
    }
    #expect(NormalDistribution.cumulative(.nan).isNaN)
    #expect(NormalDistribution.cumulative(-.infinity) == 0 && NormalDistribution.cumulative(.infinity) == 1)
    #expect(NormalDistribution.quantile(0.5).magnitude < 1e-12)
    #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1) == .infinity)
    #expect(NormalDistribution.quantile(-1).isNaN && NormalDistribution.quantile(.nan).isNaN)
    for p in [1e-12, 0.01, 0.3, 0.7, 0.99] {
      #expect((NormalDistribution.cumulative(NormalDistribution.quantile(p)) - p).magnitude < 1e-12)
    }
  }

  static func sample(_ generator: inout Generator, isTied: Bool) -> [Double] {
    (0..<Int.random(in: 20...30, using: &generator)).map { _ in
      let value = Double.random(in: 1...100, using: &generator)
      return isTied ? (value / 20).rounded() : value
    }
  }

  @Test("Order plays no part, and swapping the samples turns everything round", arguments: 0..<40)
  func symmetry(seed: Int) throws {
    var generator = Generator(state: UInt64(seed))
    let x = Self.sample(&generator, isTied: seed % 2 == 0)
    let y = Self.sample(&generator, isTied: seed % 2 == 0)
    let one = try #require(MannWhitney(x, y))
    let mixed = try #require(MannWhitney(x.shuffled(using: &generator), y.shuffled(using: &generator)))
    #expect(one.u == mixed.u && one.probability == mixed.probability)
    #expect(one.shift(confidence: 0.98) == mixed.shift(confidence: 0.98))
    let other = try #require(MannWhitney(y, x))
    #expect(one.u + other.u == Double(x.count * y.count))
    #expect((one.probability.twoSided - other.probability.twoSided).magnitude < 1e-12)
    #expect((one.probability.greater - other.probability.less).magnitude < 1e-12)
    #expect((0...1).contains(one.probability.twoSided) && (0...1).contains(one.probability.greater))
    let comparison = MannWhitneyComparison(highEffect: 1, lowEffect: 1)
    let verdicts = [comparison.compare(x, with: y).verdict, comparison.compare(y, with: x).verdict]
    #expect([[.pass, .pass], [.high, .low], [.low, .high]].contains(verdicts))
  }

  @Test("A shift of one sample is found again, whatever the scale of the metric", arguments: 0..<20)
  func shifted(seed: Int) throws {
    var generator = Generator(state: UInt64(seed))
    let scale = [1e-9, 1e-3, 1, 1e6][seed % 4]
    let y = Self.sample(&generator, isTied: false).map { $0 * scale }
    let x = y.map { $0 + 300 * scale }
    let shift = try #require(MannWhitney(x, y)).shift(confidence: 0.98)
    #expect((shift.estimate - 300 * scale).magnitude < 1 * scale)
    #expect(shift.lower < shift.estimate && shift.estimate < shift.upper)
    let outcome = MannWhitneyComparison().compare(x, with: y)
    #expect(outcome.verdict == .high)
    #expect(MannWhitneyComparison().compare(y, with: x).verdict == .low)
    #expect(MannWhitneyComparison().compare(y, with: y.shuffled(using: &generator)).verdict == .pass)
  }

  @Test("Few points are no data, and two points each prove nothing")
  func few() {
    let comparison = MannWhitneyComparison()
    #expect(
      comparison.compare([1, .nan, 2], with: Array(repeating: 1, count: 20)).verdict
        == .noData("there are 2 values and 20 to compare with, and each must be at least 20"))
    #expect(comparison.compare([1, .nan], with: [.nan]).dropped == 2)
    let eager = MannWhitneyComparison(minimumPoints: 0)
    #expect(eager.compare([100], with: [1]).verdict == .pass)
    #expect(eager.compare([100, 101], with: [1, 2]).verdict == .pass)
    guard case .noData = eager.compare([], with: []).verdict else {
      Issue.record("nothing was compared with nothing")
      return
    }
  }

  @Test("Infinities and a reference that is zero leave it undetermined")
  func undetermined() {
    let zeros = [Double](repeating: 0, count: 20)
    let tens = [Double](repeating: 10, count: 20)
    func isUndetermined(_ outcome: MannWhitneyComparison.Outcome) -> Bool {
      if case .undetermined = outcome.verdict { true } else { false }
    }
    #expect(isUndetermined(MannWhitneyComparison().compare(tens, with: zeros)))
    #expect(MannWhitneyComparison(highEffect: 1).compare(tens, with: zeros).verdict == .high)
    #expect(MannWhitneyComparison().compare(zeros, with: zeros).verdict == .pass)
    for odd in [Double.infinity, -.infinity] {
      #expect(isUndetermined(MannWhitneyComparison().compare(tens + [odd], with: zeros)))
      #expect(isUndetermined(MannWhitneyComparison().compare(tens, with: tens + [odd])))
    }
    let huge = [Double.greatestFiniteMagnitude, -.greatestFiniteMagnitude]
    #expect(isUndetermined(MannWhitneyComparison(minimumPoints: 1).compare(huge, with: huge + [1])))
    #expect(isUndetermined(MannWhitneyComparison(confidence: 1).compare(tens, with: zeros)))
    #expect(isUndetermined(MannWhitneyComparison(confidence: .nan).compare(tens, with: zeros)))
  }

  @Test("No numbers trap", arguments: 0..<200)
  func anyDouble(seed: Int) {
    var generator = Generator(state: UInt64(seed))
    func sample() -> [Double] {
      (0..<Int.random(in: 0...8, using: &generator)).map { _ in
        let odd = [0, -0.0, 1, .nan, .infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -1e308]
        return Bool.random(using: &generator)
          ? odd.randomElement(using: &generator) ?? 0 : Double(bitPattern: generator.next())
      }
    }
    for _ in 0..<20 {
      let (x, y) = (sample(), sample())
      let effect = Double(bitPattern: generator.next())
      let comparison = MannWhitneyComparison(
        confidence: Bool.random(using: &generator) ? effect : 0.9, highEffect: effect, minimumPoints: 0)
      #expect((0...16).contains(comparison.compare(x, with: y).dropped))
      if case .z(let z) = Median.score(of: x.first ?? effect, against: y) { #expect(z.isFinite) }
      _ = Median.absoluteDeviation(y)
    }
  }
}
