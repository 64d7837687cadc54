/// Every decision of the ``WorkQueue``, without locks, tasks or clocks.
///
/// Times are monotonic. A key has at most one place in a lane, at most one run, and two timers: the scheduled one,
/// set by delayed adds and by `.again`, and the retry, set by a failure. Adding a key at once touches neither timer.
struct WorkQueueState<Key: Hashable & Sendable>: Sendable {
  /// A key handed to a worker.
  struct Taken: Sendable {
    var key: Key
    var lane: Lane
    /// How long it waited in the queue.
    var waited: Duration
  }

  struct Timer: Sendable {
    var deadline: Duration
    var lane: Lane
    var ticket: UInt64

    /// The earlier deadline wins; the lane is the higher of both.
    static func earlier(_ left: Timer?, _ right: Timer?) -> Timer? {
      guard var left else { return right }
      guard let right else { return left }
      if right.deadline < left.deadline {
        left.deadline = right.deadline
        left.ticket = right.ticket
      }
      left.lane = max(left.lane, right.lane)
      return left
    }
  }

  private struct Place: Sendable {
    var lane: Lane
    var since: Duration
    var ticket: UInt64
  }

  private struct Entry: Sendable {
    var place: Place?
    var isRunning = false
    /// The lane of the run under way or of the last one.
    var runLane = Lane.evaluate
    /// Added again while running: its place after the run.
    var again: (lane: Lane, since: Duration)?
    /// A delayed add made while running: kept apart, because the outcome replaces only what was there before.
    var requested: Timer?
    var scheduled: Timer?
    var retry: Timer?
    var failures = 0

    var isEmpty: Bool {
      place == nil && !isRunning && again == nil && requested == nil && scheduled == nil && retry == nil
        && failures == 0
    }

    func holds(_ ticket: UInt64) -> Bool {
      scheduled?.ticket == ticket || retry?.ticket == ticket || requested?.ticket == ticket
    }
  }

  private let backOff: BackOff
  private var entries: [Key: Entry] = [:]
  private var lanes = [LaneQueue<Key>](repeating: LaneQueue(), count: Lane.allCases.count)
  private var timers = DeadlineHeap<Key>()
  private var lastTicket: UInt64 = 0
  private(set) var running = 0
  private(set) var isShutDown = false

  init(backOff: BackOff = BackOff()) {
    self.backOff = backOff
  }

  /// Keys that wait for a worker; those with only a timer are not among them.
  var depth: Int { lanes.reduce(0) { $0 + $1.count } }

  /// Keys that wait in one lane.
  func depth(of lane: Lane) -> Int { lanes[Int(lane.rawValue)].count }

  /// Keys the queue remembers for any reason, also only as a timer or a failure count.
  var trackedKeys: Int { entries.count }

  /// Places and timers in memory, dead ones included.
  var storedItems: Int { timers.count + lanes.reduce(0) { $0 + $1.storedItems } }

  /// How often the key failed in a row.
  func failures(of key: Key) -> Int { entries[key]?.failures ?? 0 }

  // MARK: Adding

  /// Queues the key. One that waits already only moves up when `lane` is higher; one that runs is queued after its run.
  ///
  /// - Returns: whether the key was not queued already.
  @discardableResult
  mutating func add(_ key: Key, _ lane: Lane, now: Duration) -> Bool {
    guard !isShutDown else { return false }
    var entry = entries[key] ?? Entry()
    defer { entries[key] = entry }
    if entry.isRunning {
      let isNew = entry.again == nil
      entry.again = (max(entry.again?.lane ?? lane, lane), entry.again?.since ?? now)
      return isNew
    }
    guard let place = entry.place else {
      entry.place = enqueue(key, lane, since: now)
      return true
    }
    if lane > place.lane {
      lanes[Int(place.lane.rawValue)].abandon()
      entry.place = enqueue(key, lane, since: place.since)
    }
    return false
  }

  /// Queues the key at `deadline`. Of several such requests the earliest wins, in the highest of their lanes.
  mutating func add(_ key: Key, _ lane: Lane, at deadline: Duration, now: Duration) {
    guard !isShutDown else { return }
    guard deadline > now else {
      add(key, lane, now: now)
      return
    }
    var entry = entries[key] ?? Entry()
    let old = entry.isRunning ? entry.requested : entry.scheduled
    let isEarlier = deadline < (old?.deadline ?? .seconds(Int64.max))
    let new =
      isEarlier ? makeTimer(key, lane, at: deadline) : Timer(deadline: deadline, lane: lane, ticket: old?.ticket ?? 0)
    let merged = Timer.earlier(old, new)
    if entry.isRunning { entry.requested = merged } else { entry.scheduled = merged }
    entries[key] = entry
  }

  /// Counts a failure of the key and queues it after its back-off.
  ///
  /// - Returns: the wait.
  @discardableResult
  mutating func retry(_ key: Key, now: Duration, jitter: Double) -> Duration {
    guard !isShutDown else { return .zero }
    var entry = entries[key] ?? Entry()
    entry.failures += 1
    let delay = backOff.delay(failures: entry.failures, jitter: jitter)
    entry.retry = makeTimer(key, entry.runLane, at: now + delay)
    entries[key] = entry
    return delay
  }

  /// Forgets the failures of the key and its pending retry.
  mutating func forget(_ key: Key) {
    guard var entry = entries[key] else { return }
    entry.failures = 0
    entry.retry = nil
    save(entry, key)
  }

  // MARK: Running

  /// The next key to run, when fewer than `limit` run.
  mutating func take(limit: Int, now: Duration) -> Taken? {
    guard !isShutDown, running < limit, let lane = chooseLane() else { return nil }
    let item = lanes[Int(lane.rawValue)].popFirst { [entries] in entries[$0.key]?.place?.ticket == $0.ticket }
    guard let key = item?.key, var entry = entries[key], let place = entry.place else { return nil }
    entry.place = nil
    entry.isRunning = true
    entry.runLane = lane
    entries[key] = entry
    running += 1
    return Taken(key: key, lane: lane, waited: now - place.since)
  }

  /// The run of the key ended.
  ///
  /// - Returns: the back-off, when the run failed.
  @discardableResult
  mutating func finish(_ key: Key, _ outcome: WorkOutcome, now: Duration, jitter: Double) -> Duration? {
    guard var entry = entries[key], entry.isRunning else { return nil }
    running -= 1
    entry.isRunning = false
    guard !isShutDown else {
      entries[key] = nil
      return nil
    }
    var backedOff: Duration?
    switch outcome {
    case .settled:
      (entry.failures, entry.retry) = (0, nil)
    case .gone:
      (entry.failures, entry.retry, entry.scheduled) = (0, nil, nil)
    case .again(let delay, let lane):
      (entry.failures, entry.retry, entry.scheduled) = (0, nil, nil)
      if delay > .zero {
        entry.scheduled = makeTimer(key, lane, at: now + delay)
      } else {
        entry.again = (max(entry.again?.lane ?? lane, lane), entry.again?.since ?? now)
      }
    case .failed:
      entry.failures += 1
      let delay = backOff.delay(failures: entry.failures, jitter: jitter)
      entry.retry = makeTimer(key, entry.runLane, at: now + delay)
      backedOff = delay
    }
    entry.scheduled = Timer.earlier(entry.scheduled, entry.requested)
    entry.requested = nil
    if let again = entry.again {
      entry.again = nil
      entry.place = enqueue(key, again.lane, since: again.since)
    }
    save(entry, key)
    return backedOff
  }

  // MARK: Time

  /// When the next timer is due.
  mutating func nextDeadline() -> Duration? {
    while let first = timers.first {
      if entries[first.key]?.holds(first.ticket) == true { return first.deadline }
      _ = timers.popFirst()
    }
    return nil
  }

  /// Queues every key whose timer is due.
  ///
  /// - Returns: how many keys were not queued already.
  mutating func fire(now: Duration) -> Int {
    var added = 0
    while let deadline = nextDeadline(), deadline <= now, let item = timers.popFirst() {
      guard var entry = entries[item.key] else { continue }
      var lane = entry.runLane
      if let timer = entry.scheduled, timer.ticket == item.ticket {
        lane = timer.lane
        entry.scheduled = nil
      } else if let timer = entry.requested, timer.ticket == item.ticket {
        lane = timer.lane
        entry.requested = nil
      } else if let timer = entry.retry, timer.ticket == item.ticket {
        lane = timer.lane
        entry.retry = nil
      }
      entries[item.key] = entry
      if add(item.key, lane, now: now) { added += 1 }
    }
    return added
  }

  /// Nothing is taken or added any more; what waits is forgotten, what runs may finish.
  mutating func shutDown() {
    isShutDown = true
    entries = entries.filter { $0.value.isRunning }
    timers = DeadlineHeap()
    for index in lanes.indices { lanes[index].removeAll() }
  }

  // MARK: Parts

  private mutating func save(_ entry: Entry, _ key: Key) {
    entries[key] = entry.isEmpty ? nil : entry
  }

  private mutating func nextTicket() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  private mutating func enqueue(_ key: Key, _ lane: Lane, since: Duration) -> Place {
    let ticket = nextTicket()
    lanes[Int(lane.rawValue)].append(LaneQueue.Item(key: key, ticket: ticket)) { [entries] in
      entries[$0.key]?.place?.ticket == $0.ticket
    }
    return Place(lane: lane, since: since, ticket: ticket)
  }

  private mutating func makeTimer(_ key: Key, _ lane: Lane, at deadline: Duration) -> Timer {
    let ticket = nextTicket()
    timers.push(DeadlineHeap.Item(deadline: deadline, ticket: ticket, key: key)) { [entries] in
      entries[$0.key]?.holds($0.ticket) == true
    }
    return Timer(deadline: deadline, lane: lane, ticket: ticket)
  }

  /// The highest lane with a key, unless a lower one has been passed over too often.
  private mutating func chooseLane() -> Lane? {
    let waiting = Lane.allCases.filter { lanes[Int($0.rawValue)].count > 0 }
    guard let highest = waiting.max() else { return nil }
    let overdue = waiting.last { lane in
      lane.patience.map { lanes[Int(lane.rawValue)].passedOver >= $0 } ?? false
    }
    let chosen = overdue ?? highest
    for lane in waiting where lane < chosen { lanes[Int(lane.rawValue)].passedOver += 1 }
    lanes[Int(chosen.rawValue)].passedOver = 0
    return chosen
  }
}
