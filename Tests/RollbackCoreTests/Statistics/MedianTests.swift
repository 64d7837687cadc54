import RollbackCore
import Testing

@Suite("Median and robust z-score")
struct MedianTests {
  @Test("The median is the middle, without NaN, in any order")
  func medians() {
    #expect(Median.of([3, 1, 2]) == 2 && Median.of([4, 1, 3, 2]) == 2.5 && Median.of([7]) == 7)
    #expect(Median.of([.nan, 5, .nan]) == 5)
    #expect(Median.of([]) == nil && Median.of([.nan]) == nil && Median.of([1, .infinity]) == nil)
    let huge = Double.greatestFiniteMagnitude
    #expect(Median.of([huge, huge]) == huge && Median.of([-huge, huge]) == 0)
    #expect(Median.absoluteDeviation([1, 1, 2, 2, 4, 6, 9]) == 1)
    #expect(Median.absoluteDeviation([-huge, huge, huge]) == nil)
  }

  @Test("The score is the distance from the median in robust standard deviations")
  func scores() {
    let sample = [1.0, 1, 2, 2, 4, 6, 9]
    #expect(Median.score(of: 2, against: sample) == .z(0))
    #expect(Median.score(of: 6.4478, against: sample) == .z((6.4478 - 2) / 1.4826))
    #expect(Median.score(of: -2.4478, against: sample) == .z((-2.4478 - 2) / 1.4826))
    #expect(Median.score(of: 6.4478, against: sample.reversed() + [.nan]) == .z((6.4478 - 2) / 1.4826))
  }

  @Test("When most values are the same the mean deviation takes the place of the MAD")
  func mostlyConstant() {
    guard case .z(let z) = Median.score(of: 10, against: [5, 5, 5, 5, 9]) else {
      Issue.record("no score")
      return
    }
    #expect((z - 5 / (1.253314 * 0.8)).magnitude < 1e-12)
  }

  @Test("A constant past never makes a surprise")
  func constant() {
    #expect(Median.score(of: 5, against: [5, 5, 5]) == .z(0))
    #expect(Median.score(of: 5, against: [5]) == .z(0))
    for (value, sample) in [
      (6.0, [5.0, 5, 5]), (5.000001, [5]), (1, []), (1, [.nan]), (.nan, [1, 2]),
      (.infinity, [1, 2, 3]), (1, [1, 2, .infinity]),
    ] {
      guard case .undetermined(let reason) = Median.score(of: value, against: sample) else {
        Issue.record("\(value) against \(sample)")
        return
      }
      #expect(reason.contains(" "))
    }
  }

  @Test("Shifting or scaling everything changes no score", arguments: 0..<50)
  func invariance(seed: Int) {
    var generator = PromQLInjectionTests.Generator(state: UInt64(seed))
    let sample = (0..<30).map { _ in Double(Int.random(in: 0...1_000, using: &generator)) }
    let value = Double(Int.random(in: 0...2_000, using: &generator))
    guard case .z(let z) = Median.score(of: value, against: sample),
      case .z(let moved) = Median.score(of: value + 512, against: sample.map { $0 + 512 }),
      case .z(let scaled) = Median.score(of: value * 4, against: sample.shuffled(using: &generator).map { $0 * 4 }),
      case .z(let mirrored) = Median.score(of: -value, against: sample.map { -$0 })
    else {
      Issue.record("no score")
      return
    }
    #expect(z == moved && z == scaled && z == -mirrored)
  }
}
