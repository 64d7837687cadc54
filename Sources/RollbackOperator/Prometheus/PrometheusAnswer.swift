public import FoundationEssentials

/// What Prometheus, or something that speaks its HTTP API, answered to a query.
///
/// A value of this type is a whole answer that can be trusted in form; everything else is a
/// ``PrometheusAnswerError``. What the numbers mean is for the caller to judge: they may be NaN or infinite, the
/// points may be old, and there may be no series at all.
public enum PrometheusAnswer: Hashable, Sendable {
  /// Series with one point each, no two with the same labels.
  case vector([PrometheusSeries])
  case scalar(PrometheusPoint)
  /// Series with points in the order of their times, no two with the same labels.
  case matrix([PrometheusSeries])

  /// The most series of an answer.
  public static let mostSeries = 10_000
  /// The most points of one series; Prometheus itself gives no more than 11,000.
  public static let mostPoints = 11_000
  /// The longest body, in bytes. Transports usually stop earlier.
  public static let longestBody = 8 << 20

  /// Which endpoint answered, which decides what the answer can be.
  public enum Endpoint: Sendable, Hashable {
    /// `/api/v1/query`: a vector or a scalar.
    case instant
    /// `/api/v1/query_range`: a matrix.
    case range
  }

  /// Reads an answer with any HTTP status.
  ///
  /// Throws for everything that is not a whole answer: an error inside HTTP 200, any other status, a login page,
  /// warnings (some of the data is missing), histograms, an answer to another kind of query, and whatever is not as the
  /// HTTP API's documentation says.
  public init(status: Int, body: [UInt8], from endpoint: Endpoint) throws(PrometheusAnswerError) {
    guard (200..<300).contains(status) else {
      throw PrometheusAnswerError(status: status, errorType: PrometheusEnvelope.errorType(body))
    }
    guard body.count <= Self.longestBody else { throw .tooLarge("has more than \(Self.longestBody >> 20) MiB") }
    guard body.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) == UInt8(ascii: "{") else { throw .foreign }
    self = try PrometheusEnvelope.answer(body, from: endpoint)
  }
}

/// One time series.
public struct PrometheusSeries: Hashable, Sendable {
  /// With the name of the metric, if any, as `__name__`.
  public var labels: [String: String]
  /// In the order of their times.
  public var points: [PrometheusPoint]

  public init(labels: [String: String], points: [PrometheusPoint]) {
    self.labels = labels
    self.points = points
  }
}

/// One sample.
public struct PrometheusPoint: Hashable, Sendable {
  /// The time that the sample or the evaluation has for Prometheus, not that of its arrival; between the years 2000 and
  /// 2100.
  public var at: Date
  /// Any number, also NaN and infinities.
  public var value: Double

  public init(at: Date, value: Double) {
    self.at = at
    self.value = value
  }
}
