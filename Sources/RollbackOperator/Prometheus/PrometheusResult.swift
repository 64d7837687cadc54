import FoundationEssentials
import KubernetesClient

/// The results of queries: `[{"metric": {…}, "value": [TIME, "NUMBER"]}, …]`.
enum PrometheusResult {
  /// Prometheus allows no more by default than some dozens.
  private static let mostLabels = 256
  /// Go writes the largest numbers with all of their 309 digits.
  private static let longestNumber = 512
  /// From the year 2000 to the year 2100, in seconds since 1970.
  private static let times = 946_684_800.0...4_102_444_800.0

  static func series(_ cursor: inout JSONCursor, isMatrix: Bool) throws -> [PrometheusSeries] {
    var all: [PrometheusSeries] = []
    var labels: Set<[String: String]> = []
    try cursor.beginArray()
    while try cursor.nextElement() {
      guard all.count < PrometheusAnswer.mostSeries else {
        throw PrometheusAnswerError.tooLarge("has more than \(PrometheusAnswer.mostSeries) series")
      }
      let series = try oneSeries(&cursor, isMatrix: isMatrix)
      guard labels.insert(series.labels).inserted else {
        throw PrometheusAnswerError.malformed("two series have the same labels")
      }
      all.append(series)
    }
    return all
  }

  private static func oneSeries(_ cursor: inout JSONCursor, isMatrix: Bool) throws -> PrometheusSeries {
    var labels: [String: String]?
    var points: [PrometheusPoint]?
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metric":
        guard labels == nil else { throw PrometheusAnswerError.malformed("a member occurs twice") }
        labels = try readLabels(&cursor)
      case "value":
        guard !isMatrix, points == nil else {
          throw PrometheusAnswerError.malformed("a series has values of another form than its type says")
        }
        points = [try point(&cursor)]
      case "values":
        guard isMatrix, points == nil else {
          throw PrometheusAnswerError.malformed("a series has values of another form than its type says")
        }
        points = try readPoints(&cursor)
      case "histogram", "histograms": throw PrometheusAnswerError.histogram
      default: try cursor.skip()
      }
    }
    guard let labels, let points else { throw PrometheusAnswerError.malformed("a series has no labels or no value") }
    return PrometheusSeries(labels: labels, points: points)
  }

  private static func readLabels(_ cursor: inout JSONCursor) throws -> [String: String] {
    var labels: [String: String] = [:]
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      let name = key.string
      guard labels.count < mostLabels else {
        throw PrometheusAnswerError.tooLarge("has a series with more than \(mostLabels) labels")
      }
      guard labels.updateValue(try cursor.readString(), forKey: name) == nil else {
        throw PrometheusAnswerError.malformed("a label occurs twice in one series")
      }
    }
    return labels
  }

  private static func readPoints(_ cursor: inout JSONCursor) throws -> [PrometheusPoint] {
    var points: [PrometheusPoint] = []
    try cursor.beginArray()
    while try cursor.nextElement() {
      guard points.count < PrometheusAnswer.mostPoints else {
        throw PrometheusAnswerError.tooLarge("has a series with more than \(PrometheusAnswer.mostPoints) points")
      }
      let point = try point(&cursor)
      if let last = points.last, last.at >= point.at {
        throw PrometheusAnswerError.malformed("the points of a series are not in the order of their times")
      }
      points.append(point)
    }
    return points
  }

  /// Reads `[TIME, "NUMBER"]`.
  static func point(_ cursor: inout JSONCursor) throws -> PrometheusPoint {
    try cursor.beginArray()
    guard try cursor.nextElement() else { throw PrometheusAnswerError.malformed("a point has no time") }
    let seconds = try cursor.readDouble()
    guard times.contains(seconds) else {
      throw PrometheusAnswerError.malformed("a time is not between the years 2000 and 2100")
    }
    guard try cursor.nextElement() else { throw PrometheusAnswerError.malformed("a point has no value") }
    guard let value = number(try cursor.readString()) else {
      throw PrometheusAnswerError.malformed("a value is not a number that fits")
    }
    guard try !cursor.nextElement() else { throw PrometheusAnswerError.malformed("a point has more than a value") }
    return PrometheusPoint(at: Date(timeIntervalSince1970: seconds), value: value)
  }

  /// A number as Go writes it. `Double` itself would also take hexadecimal digits, other names of infinity, and numbers
  /// beyond its range.
  static func number(_ text: String) -> Double? {
    switch text {
    case "NaN": return .nan
    case "+Inf": return .infinity
    case "-Inf": return -.infinity
    default:
      guard text.utf8.count <= longestNumber, isDecimal(Array(text.utf8)[...]) else { return nil }
      return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
  }

  /// `-12.5e+3`: a sign, digits, a fraction, an exponent, of which only the digits must be there.
  private static func isDecimal(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    func dropDigits() -> Bool {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest = rest.dropFirst(count)
      return count > 0
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    guard dropDigits() else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard dropDigits() else { return false }
    }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if let sign = rest.first, "+-".utf8.contains(sign) { rest = rest.dropFirst() }
      guard dropDigits() else { return false }
    }
    return rest.isEmpty
  }
}
