import FoundationEssentials

/// What makes two events the same one, told with a count.
struct EventKey: Hashable, Sendable {
  var object: ObjectReference
  var type: EventRecorder.EventType
  var reason: String
  var message: String
}

/// Every decision of the ``EventRecorder``: what is kept, what is told as a repetition of an earlier event, what is
/// dropped.
///
/// Both the queue and the memory of what was written are bounded.
struct EventAggregation: Sendable {
  /// One request to make.
  struct Write: Sendable, Equatable {
    var key: EventKey
    /// Name of the Event object.
    var name: String
    /// Whether the object exists already and only its count and last time change.
    var isRepetition: Bool
    var count: Int
    var first: Date
    var last: Date
  }

  private struct Pending: Sendable {
    var count: Int
    var first: Date
    var last: Date
  }

  private struct Written: Sendable {
    var name: String
    var count: Int
    var first: Date
    var at: Duration
  }

  private let capacity: Int
  private let window: Duration
  private let memory: Int
  private var order: [EventKey] = []
  private var head = 0
  private var pending: [EventKey: Pending] = [:]
  private var written: [EventKey: Written] = [:]
  private var names: UInt64 = 0
  /// When what was out of the window was forgotten last.
  private var forgotAt: Duration = .zero

  /// - Parameters:
  ///   - capacity: different events that may wait.
  ///   - window: an event that repeats one written less than this ago only counts that one up.
  ///   - memory: different events that are remembered for that.
  init(capacity: Int = 1_000, window: Duration = .seconds(600), memory: Int = 4_096) {
    self.capacity = capacity
    self.window = window
    self.memory = memory
  }

  var isEmpty: Bool { pending.isEmpty }
  var remembered: Int { written.count }

  /// - Returns: false when the event had to be dropped.
  mutating func record(_ key: EventKey, wallTime: Date) -> Bool {
    if pending[key] != nil {
      pending[key]?.count += 1
      pending[key]?.last = wallTime
      return true
    }
    guard pending.count < capacity else { return false }
    pending[key] = Pending(count: 1, first: wallTime, last: wallTime)
    order.append(key)
    return true
  }

  /// The next request to make.
  mutating func next(now: Duration) -> Write? {
    guard head < order.count, let waiting = pending.removeValue(forKey: order[head]) else { return nil }
    let key = order[head]
    head += 1
    if head == order.count || head > 1_024 {
      order.removeFirst(head)
      head = 0
    }
    if let earlier = written[key], now - earlier.at < window {
      return Write(
        key: key, name: earlier.name, isRepetition: true, count: earlier.count + waiting.count, first: earlier.first,
        last: waiting.last)
    }
    names += 1
    return Write(
      key: key, name: Self.name(key.object.name, waiting.first, names), isRepetition: false, count: waiting.count,
      first: waiting.first, last: waiting.last)
  }

  /// The request succeeded.
  mutating func wrote(_ write: Write, now: Duration) {
    if now - forgotAt >= window || (written.count >= memory && written[write.key] == nil) { forgetOld(now: now) }
    written[write.key] = Written(name: write.name, count: write.count, first: write.first, at: now)
  }

  /// The event counted up is gone: the same as a new one.
  mutating func renewed(_ write: Write) -> Write {
    written[write.key] = nil
    names += 1
    var write = write
    write.name = Self.name(write.key.object.name, write.last, names)
    write.isRepetition = false
    write.first = write.last
    write.count = 1
    return write
  }

  /// Drops what is out of the window, and the older half of the rest when that is not enough.
  private mutating func forgetOld(now: Duration) {
    forgotAt = now
    written = written.filter { now - $0.value.at < window }
    guard written.count >= memory else { return }
    let newest = written.sorted { $0.value.at > $1.value.at }.prefix(memory / 2)
    written = Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
  }

  /// `object.hex`, unique by the time and a count, and no longer than names may be.
  private static func name(_ object: String, _ time: Date, _ sequence: UInt64) -> String {
    let nanoseconds = UInt64(exactly: (time.timeIntervalSince1970 * 1e9).rounded()) ?? 0
    let suffix = String(nanoseconds &+ sequence, radix: 16)
    var prefix = String(decoding: object.utf8.prefix(253 - 1 - suffix.utf8.count), as: UTF8.self)
    while let last = prefix.last, last == "-" || last == "." { prefix.removeLast() }
    return "\(prefix).\(suffix)"
  }
}
