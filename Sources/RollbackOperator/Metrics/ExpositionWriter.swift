/// Writes metrics in Prometheus' text format 0.0.4.
struct ExpositionWriter {
  private(set) var text = ""

  /// Writes one metric with all its series; nothing when it has none.
  mutating func write(_ name: String, _ family: MetricRegistry.Family) {
    guard !family.series.isEmpty else { return }
    head(name, help: family.description.help, type: family.kind.rawValue)
    for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
      switch series {
      case .counter(let counter): sample(name, labels.text, Self.number(counter.value))
      case .gauge(let gauge): sample(name, labels.text, Self.number(gauge.value))
      case .histogram(let histogram): write(name, labels.text, histogram)
      }
    }
  }

  mutating func write(_ reading: ProcessMetrics.Reading) {
    head(reading.name, help: reading.help, type: reading.kind.rawValue)
    sample(reading.name, "", Self.number(reading.value))
  }

  private mutating func write(_ name: String, _ labels: String, _ histogram: HistogramSeries) {
    let reading = histogram.reading
    let prefix = labels.isEmpty ? "" : labels + ","
    var cumulative: UInt64 = 0
    for (bound, count) in zip(histogram.bounds, reading.counts) {
      cumulative &+= count
      sample(name + "_bucket", "\(prefix)le=\"\(Self.number(bound))\"", "\(cumulative)")
    }
    sample(name + "_bucket", prefix + "le=\"+Inf\"", "\(reading.total)")
    sample(name + "_sum", labels, Self.number(reading.sum))
    sample(name + "_count", labels, "\(reading.total)")
  }

  private mutating func head(_ name: String, help: String, type: String) {
    if !help.isEmpty {
      let escaped = help.map { $0 == "\\" ? "\\\\" : $0.isNewline ? "\\n" : String($0) }.joined()
      text += "# HELP \(name) \(escaped)\n"
    }
    text += "# TYPE \(name) \(type)\n"
  }

  private mutating func sample(_ name: String, _ labels: String, _ value: String) {
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
  }

  /// A number as Prometheus reads it; whole ones without a fraction.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return "\(whole)" }
    return "\(value)"
  }
}
