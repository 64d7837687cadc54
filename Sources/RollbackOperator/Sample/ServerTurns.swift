/// Of one server few measurements are read at once; who does not get a turn waits for it in line.
struct ServerTurns {
  private struct Server {
    var reading = 0
    /// In the order in which they came; those before ``next`` have been called.
    var line: [Measurement] = []
    var next = 0
    var waiting: Set<Measurement> = []

    var isIdle: Bool { reading == 0 && waiting.isEmpty }

    mutating func call() -> Measurement? {
      guard next < line.count else { return nil }
      let measurement = line[next]
      next += 1
      if next * 2 > line.count {
        line.removeFirst(next)
        next = 0
      }
      waiting.remove(measurement)
      return measurement
    }
  }

  /// How many measurements of one server are read at once.
  let limit: Int
  private var servers: [String: Server] = [:]

  init(limit: Int) { self.limit = limit }

  /// Measurements that wait for their turn.
  var waiting: Int { servers.values.reduce(0) { $0 + $1.waiting.count } }

  /// - Returns: whether it is the measurement's turn; else it stands in line until it is called.
  mutating func take(_ measurement: Measurement) -> Bool {
    var server = servers.removeValue(forKey: measurement.server) ?? Server()
    defer { servers[measurement.server] = server }
    guard server.reading < limit else {
      if server.waiting.insert(measurement).inserted { server.line.append(measurement) }
      return false
    }
    server.reading += 1
    return true
  }

  /// The measurement has been read.
  ///
  /// - Returns: the one whose turn it is now.
  mutating func give(_ measurement: Measurement) -> Measurement? {
    change(measurement.server) { $0.reading -= 1 }
  }

  /// The measurement is not read after all, and may have been called.
  ///
  /// - Returns: the one whose turn it is instead.
  mutating func skip(_ measurement: Measurement) -> Measurement? {
    change(measurement.server) { _ in }
  }

  private mutating func change(_ name: String, _ change: (inout Server) -> Void) -> Measurement? {
    guard var server = servers.removeValue(forKey: name) else { return nil }
    change(&server)
    let called = server.reading < limit ? server.call() : nil
    if !server.isIdle { servers[name] = server }
    return called
  }
}
