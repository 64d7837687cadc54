import FoundationEssentials
import RollbackOperator
import Synchronization

/// A metrics server in memory that has a healthy value for every query, and notes when it was asked.
final class CountingMetricsServer: OutboundTransport {
  /// One request.
  struct Request: Sendable {
    var at: ContinuousClock.Instant
    /// As the body of the request has it.
    var query: [UInt8]
  }

  private let asked = Mutex<[Request]>([])
  /// By namespace, the series of all its workloads, each ready but for the time of its value.
  private let fleets: [String: [String]]

  init(_ fleet: PolicyFleet) {
    var fleets: [String: [String]] = [:]
    for number in 0..<min(fleet.count, PolicyFleet.namespaces) where fleet.queries == .shared {
      let namespace = PolicyFleet.namespace(number)
      fleets[namespace] = fleet.members(of: namespace).map {
        #"{"metric":{"deployment":"\#(PolicyFleet.workload($0))"},"value":["#
      }
    }
    self.fleets = fleets
  }

  /// Every request so far, in order.
  var requests: [Request] { asked.withLock { $0 } }

  func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
    let query = request.body ?? []
    asked.withLock { $0.append(Request(at: .now, query: query)) }
    return OutboundResponse(
      status: 200, contentType: "application/json",
      body: request.url.pathAndQuery.hasSuffix("query_range") ? Self.nothing : answer(query))
  }

  /// As Prometheus answers an instant query: for a namespace, a series of each workload, else a single one.
  private func answer(_ query: [UInt8]) -> [UInt8] {
    let value = #"\#(Date().timeIntervalSince1970),"0.0125"]}"#
    let series: [String] =
      if let namespace = Self.namespace(of: query), let fleet = fleets[namespace] {
        fleet.map { $0 + value }
      } else { [Self.single + value] }
    return Array(
      (#"{"status":"success","data":{"resultType":"vector","result":["# + series.joined(separator: ",") + "]}}").utf8)
  }

  /// What stands between `namespace="` and the next quote of a form's percent-encoded query.
  private static func namespace(of query: [UInt8]) -> String? {
    let parts = String(decoding: query, as: UTF8.self).split(separator: "namespace%3D%22", maxSplits: 1)
    return parts.dropFirst().first?.split(separator: "%22").first.map(String.init)
  }

  private static let single = #"{"metric":{},"value":["#
  private static let nothing = Array(#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#.utf8)

  /// The answer to a query that is for one workload.
  static func singleAnswer(at time: Date) -> [UInt8] {
    Array(
      (#"{"status":"success","data":{"resultType":"vector","result":["# + single
        + #"\#(time.timeIntervalSince1970),"0.0125"]}]}}"#).utf8)
  }
}
