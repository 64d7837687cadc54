import Logging

/// Puts what a process logs into the trace of its run.
struct TraceLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel = Logger.Level.debug
  let engine: SimulationEngine
  let name: String

  init(_ name: String, _ engine: SimulationEngine) {
    self.name = name
    self.engine = engine
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let details = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    engine.trace.remark("\(engine.now) \(name) \(event.level): \(event.message) \(details)")
  }
}
