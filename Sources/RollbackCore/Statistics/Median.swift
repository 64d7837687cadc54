/// The middle of a sample and how far its values are from it; neither is moved by a few wild values.
///
/// Every function takes any numbers in any order. NaN is left out; what cannot be computed (nothing left, an infinity,
/// a difference beyond `Double`) is `nil`.
public enum Median {
  /// The factor that makes the median absolute deviation of a normal distribution its standard deviation,
  /// 1 / Φ⁻¹(3/4). P. J. Rousseeuw, C. Croux: Alternatives to the Median Absolute Deviation. J. Am. Stat. Assoc. 88
  /// (1993).
  static let deviationFactor = 1.4826
  /// The same for the mean absolute deviation, √(π/2). B. Iglewicz, D. C. Hoaglin: How to Detect and Handle Outliers
  /// (1993).
  static let meanDeviationFactor = 1.253314

  /// The middle value, or the mean of the two middle ones.
  public static func of(_ sample: [Double]) -> Double? {
    let sorted = sample.filter { !$0.isNaN }.sorted()
    guard let first = sorted.first, let last = sorted.last, first.isFinite, last.isFinite else { return nil }
    let middle = sorted.count / 2
    // Halved before they are added: the sum of two large ones is infinite.
    return sorted.count % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
  }

  /// The median absolute deviation (MAD): the median of the distances from the median, unscaled.
  public static func absoluteDeviation(_ sample: [Double]) -> Double? {
    distances(sample).flatMap { of($0) }
  }

  fileprivate static func distances(_ sample: [Double]) -> [Double]? {
    guard let median = of(sample) else { return nil }
    let distances = sample.filter { !$0.isNaN }.map { ($0 - median).magnitude }
    return distances.allSatisfy(\.isFinite) ? distances : nil
  }

  /// How unusual a value is.
  public enum Score: Hashable, Sendable {
    /// The robust z-score: the distance from the median in standard deviations, negative below it.
    case z(Double)
    /// There is none, with the reason.
    case undetermined(String)
  }

  /// The robust z-score of a value against a sample: `(value - median) / (1.4826 × MAD)`.
  ///
  /// More than half of a sample can be equal, so that its MAD is 0. Then the mean absolute deviation takes its place,
  /// `(value - median) / (1.253314 × mean distance)`, as Iglewicz and Hoaglin recommend. If that is 0 as well, the
  /// whole sample is one value: the score of that value is 0, and of any other nothing can be said.
  public static func score(of value: Double, against sample: [Double]) -> Score { Past(sample).score(of: value) }

  /// A sample that many values are held against: what they all need of it is computed once.
  public struct Past: Hashable, Sendable {
    /// Whether there is nothing in it but NaN.
    public let isEmpty: Bool
    /// The middle; `nil`: there is none.
    public let median: Double?
    /// What stands for one standard deviation; 0 when the whole sample is one value, `nil` when it cannot be computed.
    private let scale: Double?

    public init(_ sample: [Double]) {
      isEmpty = sample.allSatisfy(\.isNaN)
      median = Median.of(sample)
      guard let distances = Median.distances(sample), let deviation = Median.of(distances) else {
        scale = nil
        return
      }
      // Divided first: the sum of many large distances is infinite.
      let mean = distances.reduce(0) { $0 + $1 / Double(distances.count) }
      scale = deviation > 0 ? deviationFactor * deviation : meanDeviationFactor * mean
    }

    /// ``Median/score(of:against:)`` of a value against this sample.
    public func score(of value: Double) -> Score {
      guard value.isFinite else { return .undetermined("the value is not a finite number") }
      guard !isEmpty else { return .undetermined("there are no earlier values") }
      guard let median, let scale else {
        return .undetermined("the earlier values are not all finite numbers that can be compared")
      }
      guard value != median else { return .z(0) }
      guard scale > 0 else {
        return .undetermined("all earlier values are the same, which leaves nothing to measure a difference with")
      }
      let z = (value - median) / scale
      return z.isFinite ? .z(z) : .undetermined("the value is too far from the earlier ones for a number")
    }
  }
}
