import FoundationEssentials
import KubernetesClient
import Logging
import RollbackCore
import Synchronization
import TestSupport

@testable import RollbackOperator

/// A metrics server whose answers a test has written down, by a function of the request's fields.
final class ScriptedPrometheus: OutboundTransport {
  enum Answer: Sendable {
    case body(String, status: Int = 200)
    case failure(OutboundError)
  }

  let clock: ManualClock
  private let asked = Mutex<[[String: String]]>([])
  private let respond: @Sendable ([String: String]) -> Answer

  init(clock: ManualClock = ManualClock(), respond: @escaping @Sendable ([String: String]) -> Answer) {
    self.clock = clock
    self.respond = respond
  }

  /// The fields of every request so far.
  var requests: [[String: String]] { asked.withLock { $0 } }

  func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
    var fields: [String: String] = [:]
    for pair in String(decoding: request.body ?? [], as: UTF8.self).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      fields[String(parts[0])] = parts.count > 1 ? Self.decoded(parts[1]) : ""
    }
    asked.withLock { $0.append(fields) }
    switch respond(fields) {
    case .body(let text, let status): return OutboundResponse(status: status, body: Array(text.utf8))
    case .failure(let error): throw error
    }
  }

  private static func decoded(_ text: Substring) -> String {
    let parts = text.split(separator: "%", omittingEmptySubsequences: false)
    var bytes = Array(parts[0].utf8)
    for part in parts.dropFirst() { bytes += [UInt8(part.prefix(2), radix: 16) ?? 0] + Array(part.dropFirst(2).utf8) }
    return String(decoding: bytes, as: UTF8.self)
  }

  var reader: PrometheusReader {
    get throws {
      let address = try OutboundURL("http://prometheus:9090")
      return PrometheusReader(
        transport: self,
        connections: SourceConnections(
          sources: [MetricSource(name: "default", prometheus: .init(address: address))],
          client: KubernetesClient(
            transport: ScriptedTransport(clock: clock), clock: clock, logger: Logger(label: "test")), clock: clock),
        clock: clock)
    }
  }

  // MARK: - Answers

  static func vector(_ series: (labels: String, value: String)..., at: Double) -> Answer {
    let all = series.map { #"{"metric":{\#($0.labels)},"value":[\#(at),"\#($0.value)"]}"# }
    return success(#"{"resultType":"vector","result":[\#(all.joined(separator: ","))]}"#)
  }

  static func matrix(_ series: (labels: String, points: [(at: Double, value: String)])...) -> Answer {
    let all = series.map { series in
      let points = series.points.map { #"[\#($0.at),"\#($0.value)"]"# }.joined(separator: ",")
      return #"{"metric":{\#(series.labels)},"values":[\#(points)]}"#
    }
    return success(#"{"resultType":"matrix","result":[\#(all.joined(separator: ","))]}"#)
  }

  static func success(_ data: String, more: String = "") -> Answer {
    .body(#"{"status":"success","data":\#(data)\#(more)}"#)
  }
}
