/// The ranks of one sample, shifted, among those of another.
struct RankSum {
  /// The rank sum's distance from its mean, which is also that of U.
  let centred: Double
  /// The sum of t³ - t over all groups of t tied values.
  let ties: Double
  /// The standard deviation of the rank sum, less for ties; 0 when all values are the same.
  let deviation: Double

  /// Ranks `x - shift` among `y`, which is sorted.
  init(_ x: [Double], _ y: [Double], shift: Double) {
    let moved = x.map { $0 - shift }.sorted()
    var sum = 0.0
    var ties = 0.0
    var rank = 0
    var (i, j) = (0, 0)
    while i < moved.count || j < y.count {
      let value = j >= y.count || i < moved.count && moved[i] <= y[j] ? moved[i] : y[j]
      let (firstX, firstY) = (i, j)
      while i < moved.count, moved[i] == value { i += 1 }
      while j < y.count, y[j] == value { j += 1 }
      let tied = Double(i - firstX + j - firstY)
      sum += Double(i - firstX) * (Double(rank) + (tied + 1) / 2)
      ties += tied * tied * tied - tied
      rank += i - firstX + j - firstY
    }
    let (m, n) = (Double(x.count), Double(y.count))
    centred = sum - m * (m + n + 1) / 2
    self.ties = ties
    let variance = m * n / 12 * ((m + n + 1) - ties / ((m + n) * (m + n - 1)))
    deviation = max(variance, 0).squareRoot()
  }

  /// The probability of each value of U from 0 to m × n for samples of these sizes without ties.
  ///
  /// H. B. Mann, D. R. Whitney: On a Test of Whether one of Two Random Variables is Stochastically Larger than the
  /// Other. Ann. Math. Stat. 18 (1947): the greatest value is of the first sample with probability m / (m + n), and is
  /// then above all n of the second. Only sums of positive terms, so that nothing is lost to cancellation.
  static func distribution(_ m: Int, _ n: Int) -> [Double] {
    // Those of (i, 0), (i, 1), … (i, n), for growing i.
    var row = [[Double]](repeating: [1], count: n + 1)
    guard m > 0 else { return row[n] }
    for i in 1...m {
      var next: [[Double]] = [[1]]
      for j in stride(from: 1, through: n, by: 1) {
        var counts = [Double](repeating: 0, count: i * j + 1)
        let (share, other) = (Double(i) / Double(i + j), Double(j) / Double(i + j))
        for (u, probability) in row[j].enumerated() { counts[u + j] += share * probability }
        for (u, probability) in next[j - 1].enumerated() { counts[u] += other * probability }
        next.append(counts)
      }
      row = next
    }
    return row[n]
  }
}
