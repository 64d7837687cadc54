public import FoundationEssentials
import KubernetesClient

/// Prometheus's HTTP API for instant and range queries, over ``RecordedSeries``.
public struct SimulatedPrometheus: Sendable {
  /// What it answers with.
  public struct Answer: Sendable {
    public var status = 200
    public var body: [UInt8] = []
    /// Every value of the answer, by the moment that it is about.
    public var points: [(at: Date, point: RecordedSeries.Point)] = []
  }

  /// A query that it understands.
  public enum Query: Sendable {
    case series(RecordedSeries)
    /// The sum, and zero where there is nothing to sum up.
    case sumOrZero(RecordedSeries)

    /// - Returns: `nil` for a text that it does not understand.
    public init?(_ text: String) {
      let (start, end) = ("sum(", ") or vector(0)")
      if text.hasPrefix(start), text.hasSuffix(end) {
        guard let series = RecordedSeries(String(text.dropFirst(start.count).dropLast(end.count))) else { return nil }
        self = .sumOrZero(series)
      } else {
        guard let series = RecordedSeries(text) else { return nil }
        self = .series(series)
      }
    }

    /// What is asked for.
    public var series: RecordedSeries {
      switch self {
      case .series(let series), .sumOrZero(let series): series
      }
    }
  }

  private let history: PodHistory

  public init(_ history: PodHistory) {
    self.history = history
  }

  /// The fields of a form.
  public static func fields(_ body: [UInt8]) -> [String: String] {
    let target = RequestTarget(path: "/?" + String(decoding: body, as: UTF8.self))
    let names = ["query", "time", "start", "end", "step"]
    return Dictionary(names.compactMap { name in target.parameter(name).map { (name, $0) } }) { first, _ in first }
  }

  /// Answers one request.
  ///
  /// - Parameters:
  ///   - path: of the URL.
  ///   - fields: of the form.
  ///   - now: by its own clock.
  public func answer(_ path: String, _ fields: [String: String], at now: Date) -> Answer {
    guard let query = fields["query"].flatMap(Query.init) else { return Self.refusal }
    let pods = history.pods
    if path.hasSuffix("/api/v1/query") {
      let points = values(of: query, pods, at: now).map { (at: now, point: $0) }
      let result = points.map { one -> JSONValue in
        ["metric": JSONValue(one.point.labels), "value": Self.value(one.at, one.point.value)]
      }
      return Self.success("vector", result, points)
    }
    guard path.hasSuffix("/api/v1/query_range"), let start = fields["start"].flatMap(Double.init),
      let end = fields["end"].flatMap(Double.init), let step = fields["step"].flatMap(Double.init), step > 0,
      (end - start) / step <= 11_000
    else { return Self.refusal }
    // Of what has not happened yet nothing is written down.
    return range(query, pods, from: start, to: min(end, history.now().timeIntervalSince1970), step: step)
  }

  private func range(
    _ query: Query, _ pods: [MeasuredPod], from start: Double, to end: Double, step: Double
  ) -> Answer {
    var points: [(at: Date, point: RecordedSeries.Point)] = []
    var series: [[String: String]] = []
    var values: [[String: String]: [JSONValue]] = [:]
    for number in 0..<max(0, Int((end - start) / step + 1e-6) + 1) where start <= end {
      let moment = Date(timeIntervalSince1970: start + Double(number) * step)
      for point in self.values(of: query, pods, at: moment) {
        if values[point.labels] == nil { series.append(point.labels) }
        values[point.labels, default: []].append(Self.value(moment, point.value))
        points.append((moment, point))
      }
    }
    let result = series.map { labels -> JSONValue in
      ["metric": JSONValue(labels), "values": .array(values[labels] ?? [])]
    }
    return Self.success("matrix", result, points)
  }

  private func values(of query: Query, _ pods: [MeasuredPod], at now: Date) -> [RecordedSeries.Point] {
    switch query {
    case .series(let series): series.points(of: pods, at: now)
    case .sumOrZero(let series):
      [RecordedSeries.Point(labels: [:], value: series.points(of: pods, at: now).reduce(0) { $0 + $1.value })]
    }
  }

  // MARK: JSON

  private static func success(
    _ type: String, _ result: [JSONValue], _ points: [(at: Date, point: RecordedSeries.Point)]
  ) -> Answer {
    let document: JSONValue = [
      "status": "success", "data": ["resultType": .string(type), "result": .array(result)],
    ]
    return Answer(body: document.serialized(), points: points)
  }

  private static var refusal: Answer {
    let document: JSONValue = ["status": "error", "errorType": "bad_data", "error": "unknown query"]
    return Answer(status: 400, body: document.serialized())
  }

  /// A time in seconds, and a number as Go writes it.
  private static func value(_ moment: Date, _ value: Double) -> JSONValue {
    let text = value.isNaN ? "NaN" : value.isFinite ? "\(value)" : value > 0 ? "+Inf" : "-Inf"
    return [JSONValue((moment.timeIntervalSince1970 * 1_000).rounded() / 1_000), .string(text)]
  }
}
