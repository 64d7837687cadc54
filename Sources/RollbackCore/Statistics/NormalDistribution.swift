/// The standard normal distribution, in plain arithmetic so that every platform computes the same.
enum NormalDistribution {
  /// The probability of a value below `x`, to 14 places, and to 7 digits in the far lower tail.
  ///
  /// G. West: Better Approximations to Cumulative Normal Functions. Wilmott Magazine, May 2005, after J. F. Hart,
  /// Computer Approximations (1968), algorithm 5666. NaN for NaN.
  static func cumulative(_ x: Double) -> Double {
    guard !x.isNaN else { return .nan }
    let tail = upperTail(x.magnitude)
    return x > 0 ? 1 - tail : tail
  }

  private static let numerator = [
    3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
    220.206867912376,
  ]
  private static let denominator = [
    8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
    793.826512519948, 440.413735824752,
  ]

  private static func upperTail(_ x: Double) -> Double {
    guard x <= 37 else { return 0 }
    let density = exponential(-x * x / 2)
    if x < 7.07106781186547 {
      return density * numerator.reduce(0) { $0 * x + $1 } / denominator.reduce(0) { $0 * x + $1 }
    }
    let fraction = [4.0, 3, 2, 1].reduce(x + 0.65) { x + $1 / $0 }
    return density / fraction / 2.506628274631
  }

  /// The value below which a share `p` lies; found by halving, since it is needed once for a comparison.
  static func quantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    if p > 0.5 { return -quantile(1 - p) }
    var low = -40.0
    var high = 0.0
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if cumulative(middle) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// `e` to the power of a number between -700 and 0.
  private static func exponential(_ x: Double) -> Double {
    // x = k ln 2 + r with |r| ≤ ln 2 / 2, where the series needs few terms.
    let k = (x * 1.4426950408889634).rounded()
    let rest = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
    var term = 1.0
    var sum = 1.0
    for power in 1...18 {
      term *= rest / Double(power)
      sum += term
    }
    return sum * Double(sign: .plus, exponent: Int(k), significand: 1)
  }
}
