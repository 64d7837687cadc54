/// Durations of the same thing, measured many times.
struct Samples {
  private let sorted: [Duration]

  init(_ durations: [Duration]) { sorted = durations.sorted() }

  var median: Duration { quantile(0.5) }

  /// With 200 samples, the third longest.
  var p99: Duration { quantile(0.99) }

  /// The smallest sample that is not exceeded by this share of them (nearest rank).
  private func quantile(_ share: Double) -> Duration {
    guard let last = sorted.indices.last else { return .zero }
    let rank = (share * Double(sorted.count)).rounded(.up)
    return sorted[min(last, max(0, Int(exactly: rank).map { $0 - 1 } ?? last))]
  }
}
