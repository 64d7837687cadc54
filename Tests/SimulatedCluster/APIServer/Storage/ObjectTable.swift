import KubernetesClient

/// All objects of one kind with their older states, and what happened to them, in order.
struct ObjectTable {
  /// One event of the kind, for watches.
  struct Event {
    var verb: Change.Verb
    var key: String
    var object: StoredObject
    /// What was there before.
    var old: StoredObject?
    var resourceVersion: UInt64
  }

  /// The states of one object, the newest last; `nil` where it was gone.
  private struct History {
    var states: [State]

    struct State {
      var resourceVersion: UInt64
      var object: StoredObject?
    }

    func state(at version: UInt64) -> StoredObject? {
      var low = 0
      var high = states.count
      while low < high {
        let middle = (low + high) / 2
        if states[middle].resourceVersion <= version { low = middle + 1 } else { high = middle }
      }
      return low > 0 ? states[low - 1].object : nil
    }
  }

  private var histories: [String: History] = [:]
  /// The keys of what is there, in the order of a list.
  private(set) var liveKeys: [String] = []
  /// The same with what has been there since the last compaction.
  private var knownKeys: [String] = []
  private(set) var events: [Event] = []
  var watches: [SimulatedWatch] = []

  static func key(_ namespace: String?, _ name: String) -> String {
    namespace.map { "\($0)/\(name)" } ?? name
  }

  func object(_ key: String) -> StoredObject? { histories[key]?.states.last?.object }

  func object(_ key: String, at version: UInt64) -> StoredObject? { histories[key]?.state(at: version) }

  /// The keys of one namespace, or of all, that come after another key.
  ///
  /// - Parameter everKnown: also of what is gone.
  func keys(namespace: String?, after start: String?, everKnown: Bool) -> ArraySlice<String> {
    let keys = everKnown ? knownKeys : liveKeys
    var lower = 0
    var upper = keys.count
    if let namespace {
      lower = Self.place(of: "\(namespace)/", in: keys)
      // The character after the slash.
      upper = Self.place(of: "\(namespace)0", in: keys)
    }
    if let start { lower = max(lower, Self.place(of: "\(start)\0", in: keys)) }
    return lower < upper ? keys[lower..<upper] : []
  }

  /// Where the first key is that is not before the one given.
  private static func place(of key: String, in keys: [String]) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func append(_ event: Event) {
    let isGone = event.verb == .deleted
    let state = History.State(resourceVersion: event.resourceVersion, object: isGone ? nil : event.object)
    if histories[event.key] == nil {
      histories[event.key] = History(states: [state])
      knownKeys.insert(event.key, at: Self.place(of: event.key, in: knownKeys))
    } else {
      histories[event.key]?.states.append(state)
    }
    switch event.verb {
    case .added: liveKeys.insert(event.key, at: Self.place(of: event.key, in: liveKeys))
    case .deleted: liveKeys.remove(at: Self.place(of: event.key, in: liveKeys))
    case .modified: break
    }
    events.append(event)
  }

  /// The events after a resource version.
  func events(after version: UInt64) -> ArraySlice<Event> {
    events[firstEvent(after: version)...]
  }

  private func firstEvent(after version: UInt64) -> Int {
    var low = 0
    var high = events.count
    while low < high {
      let middle = (low + high) / 2
      if events[middle].resourceVersion <= version { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Forgets all states and events that only matter to those who are older than `version`.
  mutating func compact(before version: UInt64) {
    let count = firstEvent(after: version)
    guard count > 0 else { return }
    var gone: Set<String> = []
    for event in events[..<count] {
      guard var history = histories[event.key] else { continue }
      let newer = history.states.firstIndex { $0.resourceVersion > version } ?? history.states.count
      // The last of the older ones is still the state at `version`.
      history.states.removeFirst(max(newer - 1, 0))
      if history.states.count == 1, history.states.first?.object == nil {
        histories[event.key] = nil
        gone.insert(event.key)
      } else {
        histories[event.key] = history
      }
    }
    if !gone.isEmpty { knownKeys.removeAll { gone.contains($0) } }
    events.removeFirst(count)
  }
}
