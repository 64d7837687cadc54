import Dispatch
import Glibc

/// The signals by which a person or a supervisor ends this program.
final class StopSignals {
  private let stream: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      // Else the signal ends the program before the source sees it.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield() }
      source.resume()
      return source
    }
  }

  /// Returns when a signal has come.
  func wait() async {
    for await _ in stream { return }
  }
}
