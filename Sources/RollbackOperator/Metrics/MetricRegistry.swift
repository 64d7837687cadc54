/// Every metric there is, with its series; a plain value that ``PrometheusMetrics`` guards.
struct MetricRegistry: Sendable {
  enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  struct Family: Sendable {
    var kind: Kind
    var description: MetricDescription
    var series: [LabelSet: MetricSeries] = [:]
  }

  /// Metrics beyond this many are refused: names are written by programmers, never made from data.
  static let familyLimit = 300
  static let refusedName = "rollback_metrics_refused_total"

  private(set) var families: [String: Family] = [:]
  private let descriptions: [String: MetricDescription]
  private let reserved: Set<String>
  private var places: [ObjectIdentifier: (name: String, labels: LabelSet)] = [:]

  /// - Parameter reserved: names that are exposed by other means and must not stand twice.
  init(descriptions: [MetricDescription], reserved: Set<String>) {
    self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
    self.reserved = reserved
  }

  /// The series with this name and these labels, made when there is none.
  ///
  /// Refused (a series that nobody sees) when the name belongs to another kind of metric or there are too many.
  mutating func series(_ kind: Kind, _ rawName: String, _ dimensions: [(String, String)]) -> MetricSeries {
    let name = LabelSet.metricName(rawName)
    let labels = LabelSet(dimensions)
    if let family = families[name] {
      guard family.kind == kind else { return refused(kind, name) }
      if let series = family.series[labels] { return series }
      guard family.series.count < family.description.seriesLimit else { return refused(kind, name) }
    } else {
      let isRoom = families.count < Self.familyLimit || name == Self.refusedName
      guard isRoom, !reserved.contains(name) else { return refused(kind, "other") }
      families[name] = Family(kind: kind, description: descriptions[name] ?? MetricDescription(name, ""))
    }
    let series = Self.make(kind, buckets: families[name]?.description.buckets ?? [])
    families[name]?.series[labels] = series
    places[ObjectIdentifier(series.handler)] = (name, labels)
    return series
  }

  /// Takes a series away; one that was refused or taken away before is nothing to do.
  mutating func remove(_ handler: AnyObject) {
    guard let place = places.removeValue(forKey: ObjectIdentifier(handler)) else { return }
    families[place.name]?.series[place.labels] = nil
  }

  private static func make(_ kind: Kind, buckets: [Double]) -> MetricSeries {
    switch kind {
    case .counter: .counter(CounterSeries())
    case .gauge: .gauge(GaugeSeries())
    case .histogram: .histogram(HistogramSeries(bounds: buckets))
    }
  }

  private mutating func refused(_ kind: Kind, _ name: String) -> MetricSeries {
    // What counts the refused is never counted as refused itself.
    if name != Self.refusedName, case .counter(let counter) = series(.counter, Self.refusedName, [("metric", name)]) {
      counter.increment(by: Int64(1))
    }
    return Self.make(kind, buckets: [])
  }
}
