public import FoundationEssentials
public import RollbackCore

/// A question to Prometheus's HTTP API. Equal ones need to be asked only once.
public enum PrometheusQuery: Hashable, Sendable {
  /// The value at one moment; `nil`: now, by Prometheus's clock.
  case instant(promQL: String, at: Date? = nil)
  /// The values at every step from `start` to `end`, both included.
  case range(promQL: String, start: Date, end: Date, step: PolicyDuration)

  /// The path below the address of the source.
  public var path: String {
    switch self {
    case .instant: "/api/v1/query"
    case .range: "/api/v1/query_range"
    }
  }

  /// What the answer is to be read as.
  public var endpoint: PrometheusAnswer.Endpoint {
    switch self {
    case .instant: .instant
    case .range: .range
    }
  }
}
