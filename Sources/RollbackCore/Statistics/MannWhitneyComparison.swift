/// Whether one sample is clearly above or below another, as Kayenta's `MannWhitneyClassifier` decides it.
///
/// *High* needs all of
/// * the lower end of the shift's confidence interval is above ``tolerance`` × the estimated shift (*Low*: the upper
///   end is below the negative of that),
/// * the mean of the sample is at least ``highEffect`` × the mean of the reference (*Low*: at most ``lowEffect`` ×),
/// * the two-sided p-value is at most 1 - ``confidence``. This is not in Kayenta, which calls two samples of one value
///   each different; at the sizes of its published cases it changes nothing.
///
/// Two samples that have the same values are *Pass*. Kayenta adds random noise to two constant samples; here their
/// shift is what it is, without doubt. Where the mean of the reference is not positive there is no ratio: what is
/// otherwise High or Low is then undetermined, except when the effect asks for no more than 1, as in Kayenta.
public struct MannWhitneyComparison: Hashable, Sendable {
  /// Between 0 and 1, both excluded.
  public var confidence: Double
  /// The least ratio of the means for High; 1 asks for none.
  public var highEffect: Double
  /// The greatest ratio of the means for Low; 1 asks for none.
  public var lowEffect: Double
  /// The fewest values that each sample must have.
  public var minimumPoints: Int
  /// The share of the estimated shift that the interval must keep away from zero; Kayenta's default is 0.25.
  public var tolerance: Double
  public var direction: Direction

  /// Which differences count.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    case above
    case below
    case either
  }

  public init(
    confidence: Double = 0.98, highEffect: Double = 1.25, lowEffect: Double = 0.8, minimumPoints: Int = 20,
    tolerance: Double = 0.25, direction: Direction = .either
  ) {
    self.confidence = confidence
    self.highEffect = highEffect
    self.lowEffect = lowEffect
    self.minimumPoints = minimumPoints
    self.tolerance = tolerance
    self.direction = direction
  }

  /// What the comparison says.
  public enum Verdict: Hashable, Sendable {
    case high
    case low
    case pass
    /// Too few values, with how many there are.
    case noData(String)
    /// Nothing can be said, with the reason.
    case undetermined(String)
  }

  /// The verdict with the figures that it stands on.
  public struct Outcome: Hashable, Sendable {
    public var verdict: Verdict
    /// The ratio of the means; `nil` when the reference's is not positive.
    public var ratio: Double?
    public var shift: MannWhitney.Shift?
    /// How many values were NaN and left out, of both samples together.
    public var dropped = 0
  }

  /// Compares a sample with a reference. NaN is left out and counted; an infinite value makes it undetermined.
  public func compare(_ sample: [Double], with reference: [Double]) -> Outcome {
    let x = sample.filter { !$0.isNaN }
    let y = reference.filter { !$0.isNaN }
    let dropped = sample.count - x.count + reference.count - y.count
    let wanted = max(minimumPoints, 1)
    guard x.count >= wanted, y.count >= wanted else {
      let text = "there are \(x.count) values and \(y.count) to compare with, and each must be at least \(wanted)"
      return Outcome(verdict: .noData(text), dropped: dropped)
    }
    guard confidence > 0, confidence < 1, let test = MannWhitney(x, y) else {
      return Outcome(
        verdict: .undetermined("the values are not all finite numbers that can be compared"), dropped: dropped)
    }
    if x.sorted() == y.sorted() || Set(x + y).count == 1 {
      return Outcome(verdict: .pass, ratio: 1, dropped: dropped)
    }
    let shift = test.shift(confidence: confidence)
    let mean = Self.mean(y)
    let ratio = mean > 0 ? Self.mean(x) / mean : nil
    return Outcome(verdict: verdict(test, shift, ratio), ratio: ratio, shift: shift, dropped: dropped)
  }

  private func verdict(_ test: MannWhitney, _ shift: MannWhitney.Shift, _ ratio: Double?) -> Verdict {
    let bound = tolerance * shift.estimate.magnitude
    let isHigh = direction != .below && shift.lower > bound
    let isLow = direction != .above && shift.upper < -bound
    guard isHigh || isLow, test.probability.twoSided <= 1 - confidence else { return .pass }
    let asksForNone = isHigh ? highEffect <= 1 : lowEffect >= 1
    guard let ratio, ratio.isFinite else {
      if asksForNone { return isHigh ? .high : .low }
      return .undetermined("the mean to compare with is not above zero, so that nothing is so many times as much")
    }
    if isHigh { return ratio >= highEffect ? .high : .pass }
    return ratio <= lowEffect ? .low : .pass
  }

  /// Divided before it is added: the sum of many large values is infinite.
  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 / Double(values.count) }
  }
}
