/// The Mann–Whitney U test (Wilcoxon's rank-sum test) of two samples, as R's `wilcox.test(x, y)` computes it.
///
/// Both samples hold at least one value, all finite. Ties get average ranks.
public struct MannWhitney: Sendable {
  /// For how many pairs the value of the first sample is above that of the second, ties counting one half.
  public let u: Double
  private let rank: RankSum
  private let x: [Double]
  private let y: [Double]

  /// `nil` unless both samples have values and all of them, and the differences between them, are finite.
  public init?(_ x: [Double], _ y: [Double]) {
    guard let least = x.min(), let most = x.max(), let other = y.min(), let another = y.max(),
      (x + y).allSatisfy(\.isFinite), (most - other).isFinite, (least - another).isFinite,
      ((most - other) - (least - another)).isFinite
    else { return nil }
    self.x = x
    self.y = y.sorted()
    rank = RankSum(x, self.y, shift: 0)
    u = rank.centred + Double(x.count) * Double(y.count) / 2
  }

  /// Whether the probabilities are exact: as in R for samples of fewer than 50 values each without ties. Otherwise they
  /// are those of the normal approximation, corrected for ties and continuity.
  public var isExact: Bool { x.count < 50 && y.count < 50 && rank.ties == 0 }

  /// The probabilities of a result at least this extreme if both samples are from one distribution.
  public struct Probability: Hashable, Sendable {
    /// Against: the first sample is different.
    public var twoSided: Double
    /// Against: the first sample is greater.
    public var greater: Double
    /// Against: the first sample is less.
    public var less: Double
  }

  /// The p-values. When all values are the same they are 1: nothing speaks for a difference.
  public var probability: Probability {
    if isExact {
      let counts = RankSum.distribution(x.count, y.count)
      // Without ties it is an integer.
      let u = Int(u)
      let less = min(1, counts[0...u].reduce(0, +))
      let greater = min(1, counts[u...].reduce(0, +))
      return Probability(twoSided: min(1, 2 * min(less, greater)), greater: greater, less: less)
    }
    guard rank.deviation > 0 else { return Probability(twoSided: 1, greater: 1, less: 1) }
    let greater = NormalDistribution.cumulative(-(rank.centred - 0.5) / rank.deviation)
    let less = NormalDistribution.cumulative((rank.centred + 0.5) / rank.deviation)
    let both = NormalDistribution.cumulative(-(rank.centred.magnitude - (rank.centred == 0 ? 0 : 0.5)) / rank.deviation)
    return Probability(twoSided: min(1, 2 * both), greater: greater, less: less)
  }

  /// By how much the first sample is shifted against the second.
  public struct Shift: Hashable, Sendable {
    /// The Hodges–Lehmann estimate: about the median of all differences between the two samples.
    public var estimate: Double
    public var lower: Double
    public var upper: Double
  }

  /// The shift with its confidence interval: the shifts at which the statistic is at the quantiles.
  ///
  /// As in R (`conf.int = TRUE, exact = FALSE`) and in Kayenta, whose classifier takes it from there: the root is
  /// searched for between the least and the greatest difference by Brent's method, and an end that the confidence asks
  /// for beyond them is the least or greatest difference itself. With heavy ties the statistic jumps, and an end is as
  /// near to the jump as the tolerance says. That is 0.0001 in R; here it is smaller when the differences lie less than
  /// 8 apart, because otherwise nothing could be said of metrics that are themselves below 0.0001.
  ///
  /// - Parameter confidence: between 0 and 1, both excluded; 0.95 or 0.98 for example.
  public func shift(confidence: Double) -> Shift {
    let least = (x.min() ?? 0) - (y.last ?? 0)
    let most = (x.max() ?? 0) - (y.first ?? 0)
    // Two constant samples, for which no shift but this leaves any doubt.
    guard least < most else { return Shift(estimate: least, lower: least, upper: least) }
    let quantile = -NormalDistribution.quantile((1 - min(max(confidence, 0), 1)) / 2)
    let tolerance = min(1e-4, (most - least) * 1.25e-5)
    func root(_ quantile: Double) -> Double {
      BrentSearch.root(from: least, to: most, tolerance: tolerance) { shift in
        let rank = RankSum(x, y, shift: shift)
        let correction = rank.centred == 0 ? 0 : rank.centred > 0 ? 0.5 : -0.5
        return (rank.centred - correction) / rank.deviation - quantile
      }
    }
    return Shift(estimate: root(0), lower: root(quantile), upper: root(-quantile))
  }
}
