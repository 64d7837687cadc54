import FoundationEssentials
import Synchronization

@testable import LocalCluster

/// A Prometheus on loopback that answers each query with the next value of a script, at the time of the query, and
/// knows what it has answered when it is asked for the past.
final class ScriptedMonitor: Sendable {
  struct Answer: Sendable {
    var at: Date
    var isBad: Bool
  }

  private struct State {
    var script: [Bool] = []
    /// What is answered when the script is at its end.
    var rest = false
    var answers: [Answer] = []
  }

  private let state = Mutex(State())

  /// Runs one for as long as `body` runs.
  ///
  /// - Parameter body: gets its address.
  static func run(_ body: (ScriptedMonitor, String) async throws -> Void) async throws {
    let monitor = ScriptedMonitor()
    let server = try await SimulatorServer.start(port: 0) { monitor.answer($0) }
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await body(monitor, "http://127.0.0.1:\(server.port)"))
    } catch {
      outcome = .failure(error)
    }
    await server.stop()
    try outcome.get()
  }

  /// The next answers are these, and then `rest` for good.
  func play(_ script: [Bool], rest: Bool) {
    state.withLock { state in
      state.script = script
      state.rest = rest
      state.answers = []
    }
  }

  /// What was answered since the script began.
  var answers: [Answer] { state.withLock { $0.answers } }

  private func answer(_ request: SimulatorRequest) -> SimulatorAnswer {
    let now = Date()
    let text = state.withLock { state in
      guard request.path.hasSuffix("/query") else {
        // What it would have answered at each second of the last minute.
        let before = (1...60).map { (at: now.addingTimeInterval(Double($0 - 61)), value: 0.0) }
          .filter { point in state.answers.first.map { point.at < $0.at } ?? true }
        return PrometheusText.matrix(before + state.answers.map { (at: $0.at, value: $0.isBad ? 9.0 : 0.0) })
      }
      let isBad = state.script.isEmpty ? state.rest : state.script.removeFirst()
      state.answers.append(Answer(at: now, isBad: isBad))
      return PrometheusText.vector(isBad ? "9" : "0", at: now)
    }
    return SimulatorAnswer(contentType: "application/json", body: text)
  }
}
