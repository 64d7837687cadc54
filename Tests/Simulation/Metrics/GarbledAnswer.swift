import KubernetesClient

/// Answers of status 200 that must not be believed.
extension MetricFault.Answer {
  /// What nobody must ever see again: it stands in everything that is garbled.
  static let secret = "hunter2-garbled"

  /// What Prometheus answers in place of an answer.
  func prometheusBody(_ right: [UInt8]) -> [UInt8] {
    switch self {
    case .errorInside:
      let document: JSONValue = ["status": "error", "errorType": "execution", "error": .string(Self.secret)]
      return document.serialized()
    case .noValue: return Self.vector(right, [])
    case .notANumber: return Self.replacing(right, "NaN")
    case .infinity: return Self.replacing(right, "+Inf")
    case .negativeInfinity: return Self.replacing(right, "-Inf")
    case .beyondRange: return Self.replacing(right, "1e400")
    case .hexadecimal: return Self.replacing(right, "0x1p3")
    case .wrongType:
      let point: JSONValue = [1_800_000_000, .string(Self.secret)]
      let document: JSONValue = ["status": "success", "data": ["resultType": "string", "result": point]]
      return document.serialized()
    case .severalSeries:
      let series = Self.series(right)
      return Self.vector(right, ["a", "b"].flatMap { replica in series.map { Self.named($0, replica) } })
    case .partial:
      var document = (try? JSONValue(parsing: right)) ?? .null
      document["warnings"] = [.string(Self.secret)]
      return document.serialized()
    case .page, .cut, .emptyBody: return text(instead: right)
    }
  }

  /// What a monitor answers in place of its document; `nil` when it is no document at all.
  var monitorDocument: JSONValue? {
    switch self {
    case .errorInside: ["error": .string(Self.secret)]
    case .noValue: ["errors": [:]]
    case .notANumber: ["errors": ["rate": "NaN"]]
    case .infinity: ["errors": ["rate": "+Inf"]]
    case .negativeInfinity: ["errors": ["rate": "-Infinity"]]
    case .beyondRange: ["errors": ["rate": "1e400"]]
    case .hexadecimal: ["errors": ["rate": "0x1p3"]]
    case .wrongType: ["errors": ["rate": [1, 2, 3]]]
    case .severalSeries, .partial, .page, .cut, .emptyBody: nil
    }
  }

  /// What is no document.
  func text(instead right: [UInt8]) -> [UInt8] {
    switch self {
    case .cut: Array(right.prefix(right.count / 2))
    case .emptyBody: []
    default: Array("<html><body>Please log in, \(Self.secret)</body></html>".utf8)
    }
  }

  private static func series(_ body: [UInt8]) -> [JSONValue] {
    ((try? JSONValue(parsing: body)) ?? .null).at("/data/result")?.array ?? []
  }

  private static func vector(_ body: [UInt8], _ series: [JSONValue]) -> [UInt8] {
    var document = (try? JSONValue(parsing: body)) ?? .null
    document["data"]?["result"] = .array(series)
    return document.serialized()
  }

  private static func named(_ series: JSONValue, _ replica: String) -> JSONValue {
    var series = series
    series["metric"]?["replica"] = .string(replica)
    return series
  }

  /// Every value is this text; one that was not there is made up.
  private static func replacing(_ body: [UInt8], _ text: String) -> [UInt8] {
    let changed = series(body).map { one -> JSONValue in
      var one = one
      if let point = one["value"]?.array, point.count == 2 { one["value"] = [point[0], .string(text)] }
      if let points = one["values"]?.array { one["values"] = .array(points.map { [$0[0] ?? 0, .string(text)] }) }
      return one
    }
    return vector(body, changed)
  }
}

extension MetricFault {
  /// An answer of Prometheus with every time moved.
  static func shifted(_ body: [UInt8], by seconds: Double) -> [UInt8] {
    func moved(_ point: JSONValue) -> JSONValue {
      guard let time = point[0]?.double, let value = point[1] else { return point }
      return [JSONValue(time + seconds), value]
    }
    var document = (try? JSONValue(parsing: body)) ?? .null
    let series = (document.at("/data/result")?.array ?? []).map { one -> JSONValue in
      var one = one
      if let point = one["value"] { one["value"] = moved(point) }
      if let points = one["values"]?.array { one["values"] = .array(points.map(moved)) }
      return one
    }
    document["data"]?["result"] = .array(series)
    return document.serialized()
  }
}
