/// What may become of one question to something else than the API server.
///
/// None of them says anything wrong about the release that could be believed: each must be unknown to who asked.
public enum MetricFault: Sendable, Hashable {
  /// No connection.
  case refused
  /// The name is not known.
  case unresolved
  /// The certificate has expired.
  case tls
  /// No answer in the time of the request.
  case timeout
  /// The answer comes only after this time, and is about the moment at which it was asked for.
  case late(Duration)
  case redirect
  /// An answer without an end.
  case tooLarge
  /// 401, 404, 429, 500, 503…
  case status(Int)
  /// Status 200, and something else than an answer that can be believed.
  case answer(Answer)
  /// The newest that the source has is so old, and it says so.
  case stale(Duration)
  /// The source's clock is ahead.
  case clockAhead(Duration)

  /// What stands in an answer of status 200.
  public enum Answer: Sendable, Hashable, CaseIterable {
    case errorInside
    /// A page for people.
    case page
    /// An answer without a value.
    case noValue
    case notANumber
    case infinity
    case negativeInfinity
    /// `1e400`.
    case beyondRange
    /// `0x1p3`, which is a number elsewhere.
    case hexadecimal
    case wrongType
    /// Every series twice, as from two replicas.
    case severalSeries
    /// Some of the data is missing, and that is said.
    case partial
    /// The second half is missing.
    case cut
    case emptyBody
  }
}

/// What is asked.
public enum MetricSourceKind: Sendable, Hashable {
  case prometheus
  /// A number of a JSON document of a monitor.
  case value
  /// The workload itself. Who does not answer here is at fault, so that not every fault can be injected.
  case probe
}

/// One question of a simulated process to something else than the API server.
public struct OutboundPoint: Sendable {
  /// The process's name.
  public var process: String
  /// The question's number in its process, over all its lives, from 0.
  public var number: Int
  public var kind: MetricSourceKind
  /// The host, and the path without its query.
  public var address: String

  /// The faults that say nothing about the release.
  var faults: [MetricFault] {
    let anywhere: [MetricFault] = [.unresolved, .tls, .tooLarge, .late(.seconds(3))]
    let ofMonitors: [MetricFault] =
      [.refused, .timeout, .late(.seconds(8)), .late(.seconds(30)), .redirect]
      + [401, 404, 429, 500, 503].map { .status($0) }
    switch kind {
    case .probe: return anywhere
    case .value:
      let others: Set<MetricFault.Answer> = [.severalSeries, .partial]
      return anywhere + ofMonitors
        + MetricFault.Answer.allCases.filter { !others.contains($0) }.map { .answer($0) }
    case .prometheus:
      return anywhere + ofMonitors + MetricFault.Answer.allCases.map { .answer($0) }
        + [.stale(.seconds(60)), .stale(.seconds(600)), .clockAhead(.seconds(3_600)), .clockAhead(.seconds(-3_600))]
    }
  }
}
