/// One watch connection: reads it in a task of its own, so that it can be left at any moment, also while it is silent.
final class WatchStream: Sendable {
  enum Signal: Sendable {
    case opened
    case chunk(ArraySlice<UInt8>)
    case ended
    case failed(KubernetesError)
    /// Nothing came for the time given to ``noticeSilence(longerThan:)``.
    case silent
  }

  /// Pieces that are read ahead of the consumer; beyond that the server is made to wait.
  private static let readAhead = 32

  let signals = SignalQueue<Signal>(capacity: readAhead)
  private let executor: RequestExecutor
  private let liveness: WatchLiveness
  private let call: APICall
  private let idleTimeout: Duration
  private let id: UInt64

  var title: String { call.title }

  init(executor: RequestExecutor, liveness: WatchLiveness, call: APICall, idleTimeout: Duration) {
    self.executor = executor
    self.liveness = liveness
    self.call = call
    self.idleTimeout = idleTimeout
    let dead = KubernetesError(
      .transport, request: call.title, reason: "the API server has stopped answering; the connection is given up")
    id = liveness.register { [signals] in signals.post(.failed(dead)) }
  }

  /// Reads to the end and tells how it came about.
  func read() async {
    let outcome: Signal
    do throws(TransportError) {
      let answer = try await executor.transport.stream(
        executor.request(for: call), idleTimeout: idleTimeout,
        onResponse: { head throws(TransportError) in
          liveness.heard(of: id)
          guard Self.isWatch(head) else { return false }
          signals.post(.opened)
          return true
        },
        onChunk: { chunk throws(TransportError) in
          liveness.heard(of: id)
          guard await signals.send(.chunk(chunk)) else {
            throw TransportError(.consumer, requestMayHaveBeenSent: true, message: "the watch was left")
          }
        })
      outcome =
        Self.isWatch(answer)
        ? .ended : .failed(KubernetesError(answer: answer, request: title, changesState: false))
    } catch {
      outcome = .failed(KubernetesError(transport: error, request: title, changesState: false))
    }
    signals.post(outcome)
  }

  /// Tells once that nothing has come for `limit`.
  func noticeSilence(longerThan limit: Duration) async {
    while true {
      do { try await executor.clock.sleep(for: limit) } catch { return }
      guard let silence = liveness.silence(of: id) else { return }
      if silence >= limit {
        signals.post(.silent)
        return
      }
    }
  }

  func close() {
    liveness.remove(id)
    signals.close()
  }

  private static func isWatch(_ head: TransportResponse) -> Bool { (200..<300).contains(head.status) && head.isJSON }
}
