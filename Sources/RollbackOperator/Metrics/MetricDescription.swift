/// What is known of a metric beforehand: its help text, its buckets, and how many series it may have.
public struct MetricDescription: Sendable {
  /// Buckets for what takes milliseconds up to a minute, in seconds.
  public static let quick: [Double] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]
  /// Buckets for what takes up to an hour, in seconds.
  public static let slow: [Double] = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600]

  public var name: String
  /// One sentence without a full stop.
  public var help: String
  /// Upper bounds of a histogram's buckets, ascending.
  public var buckets: [Double]
  /// Series beyond this many are refused and counted in `rollback_metrics_refused_total`.
  public var seriesLimit: Int

  /// Series that a metric may have when nothing else is said.
  public static let defaultSeriesLimit = 500

  public init(
    _ name: String, _ help: String, buckets: [Double] = Self.quick, seriesLimit: Int = Self.defaultSeriesLimit
  ) {
    self.name = name
    self.help = help
    self.buckets = buckets
    self.seriesLimit = seriesLimit
  }
}
