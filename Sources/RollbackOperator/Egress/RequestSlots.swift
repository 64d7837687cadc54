/// Who may run and who waits, so that one slow host never holds up the others: a bound for all together and one for
/// each host. Free places go round between the hosts that wait, and within one host to who came first.
struct RequestSlots {
  struct Limits: Sendable, Hashable {
    var total: Int
    var perHost: Int
  }

  private let limits: Limits
  private(set) var running: [String: Int] = [:]
  private(set) var runningCount = 0
  /// Never empty for a host in ``turns``, and no other host has one.
  private var waiting: [String: [UInt64]] = [:]
  private var turns: [String] = []

  init(limits: Limits) {
    self.limits = limits
  }

  private func hasRoom(for host: String) -> Bool {
    runningCount < limits.total && running[host, default: 0] < limits.perHost
  }

  private mutating func start(_ host: String) {
    running[host, default: 0] += 1
    runningCount += 1
  }

  /// - Returns: whether `id` may run at once; it waits otherwise.
  mutating func enter(_ id: UInt64, host: String) -> Bool {
    // Whoever waits for a place that is free is waiting because of another limit.
    if waiting[host] == nil, hasRoom(for: host) {
      start(host)
      return true
    }
    if waiting[host] == nil { turns.append(host) }
    waiting[host, default: []].append(id)
    return false
  }

  /// A request of `host` has ended.
  ///
  /// - Returns: who may run now.
  mutating func leave(_ host: String) -> UInt64? {
    guard let count = running[host] else { return nil }
    running[host] = count > 1 ? count - 1 : nil
    runningCount -= 1
    guard let turn = turns.firstIndex(where: { hasRoom(for: $0) }) else { return nil }
    let next = turns.remove(at: turn)
    guard var queue = waiting[next], let id = queue.first else { return nil }
    queue.removeFirst()
    waiting[next] = queue.isEmpty ? nil : queue
    if !queue.isEmpty { turns.append(next) }
    start(next)
    return id
  }

  /// - Returns: whether `id` was still waiting; it will not run then.
  mutating func withdraw(_ id: UInt64, host: String) -> Bool {
    guard var queue = waiting[host], let place = queue.firstIndex(of: id) else { return false }
    queue.remove(at: place)
    waiting[host] = queue.isEmpty ? nil : queue
    if queue.isEmpty { turns.removeAll { $0 == host } }
    return true
  }
}
