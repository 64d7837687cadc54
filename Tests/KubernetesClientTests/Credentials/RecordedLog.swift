import Logging
import Synchronization

/// Keeps what was logged, for tests that count warnings.
final class RecordedLog: Sendable {
  private let lines = Mutex<[String]>([])

  var warnings: [String] { lines.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private func take(_ line: String) { lines.withLock { $0.append(line) } }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    init(log: RecordedLog) {
      self.log = log
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { log.take("\(event.message)") }
  }
}
