import KubernetesClient

/// A real Prometheus that scrapes the simulated pods of a local cluster, which a test may stop, freeze and start again.
///
/// It keeps its port and its data over all its starts, and goes with its cluster.
public final class PrometheusServer: Sendable {
  /// The process, for what is not here: `kill`, `logPath`.
  public let process: ManagedProcess
  private let port: Int

  init(process: ManagedProcess, port: Int) {
    self.process = process
    self.port = port
  }

  /// For example `http://127.0.0.1:20123`.
  public var address: String { "http://127.0.0.1:\(port)" }

  /// Starts it after a ``stop()``, and waits until it answers queries.
  public func start() async throws(ClusterError) { try await process.start() }

  /// Ends it: connections are refused.
  public func stop() async { await process.stop() }

  /// Freezes it: connections are accepted, and nothing is answered.
  public func pause() { process.suspend() }

  /// Lets a frozen one go on.
  public func resume() { process.resume() }

  /// Stops it and starts it again.
  public func restart() async throws(ClusterError) { try await process.restart() }

  /// One element of a query's answer.
  public struct Sample: Sendable {
    public var labels: [String: String]
    public var value: Double
  }

  /// The answer to an instant query, as a vector; a scalar is one sample without labels.
  ///
  /// - Throws: ``ClusterError`` when there is no answer, or the query is refused.
  public func query(_ promql: String) async throws(ClusterError) -> [Sample] {
    let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    let encoded = promql.utf8.map { byte in
      let character = Character(UnicodeScalar(byte))
      let hex = String(byte, radix: 16, uppercase: true)
      return unreserved.contains(character) ? String(character) : "%" + (hex.count == 1 ? "0" : "") + hex
    }.joined()
    guard let bytes = await LoopbackHTTP.send("GET", port: port, path: "/api/v1/query?query=\(encoded)"),
      let answer = try? JSONValue(parsing: bytes), let result = answer["data"]?["result"]?.array
    else { throw ClusterError(.server, "Prometheus at \(address) does not answer \(promql)") }
    if answer["data"]?["resultType"]?.string == "scalar" { return [Self.sample([:], result)].compactMap { $0 } }
    return result.compactMap { element in
      let labels = element["metric"]?.object.map { object in
        Dictionary(object.map { ($0.key, $0.value.string ?? "") }) { $1 }
      }
      return Self.sample(labels ?? [:], element["value"]?.array)
    }
  }

  private static func sample(_ labels: [String: String], _ pair: [JSONValue]?) -> Sample? {
    guard let pair, pair.count == 2, let value = pair[1].string.flatMap({ Double($0) }) else { return nil }
    return Sample(labels: labels, value: value)
  }
}
