import KubernetesClient
import Synchronization

/// One open watch: what the server has to say waits here until it is taken.
public final class SimulatedWatch: Sendable {
  /// After how long the client wants the server to end it; whoever runs the clock does it.
  public let timeout: Duration?
  let id: UInt64
  let kind: Int
  let filter: ObjectFilter
  let isMetadataOnly: Bool
  let wantsBookmarks: Bool
  private let server: SimulatedAPIServer
  private let state = Mutex(State())

  fileprivate struct State {
    var lines: [Line] = []
    /// How many of the lines are the list that the watch begins with.
    var initialCount = 0
    /// The version of the event that is not to be seen.
    var hidden: UInt64?
    var hasEnded = false
    var wake: (@Sendable () -> Void)?
  }

  fileprivate enum Line: Sendable {
    case object(Change.Verb, StoredObject)
    case text([UInt8])

    var object: StoredObject? {
      if case .object(_, let object) = self { object } else { nil }
    }
  }

  init(
    server: SimulatedAPIServer, id: UInt64, kind: Int, filter: ObjectFilter, isMetadataOnly: Bool,
    wantsBookmarks: Bool, timeout: Duration?
  ) {
    self.server = server
    self.id = id
    self.kind = kind
    self.filter = filter
    self.isMetadataOnly = isMetadataOnly
    self.wantsBookmarks = wantsBookmarks
    self.timeout = timeout
  }

  /// The lines (bytes, each with its line feed) that are ready now; `nil` when there are none.
  public func take() -> [UInt8]? {
    take { $0.countUnhidden() }
  }

  /// The list that the watch begins with, if it has not been taken yet.
  public func takeInitialEvents() -> [UInt8]? {
    take { $0.initialCount }
  }

  private func take(_ count: (inout State) -> Int) -> [UInt8]? {
    let lines = state.withLock { state in
      let count = count(&state)
      let lines = state.lines.prefix(count)
      state.lines.removeFirst(count)
      state.initialCount = max(state.initialCount - count, 0)
      return lines
    }
    guard !lines.isEmpty else { return nil }
    var bytes: [UInt8] = []
    for line in lines { append(line, to: &bytes) }
    return bytes
  }

  /// The next line alone; `nil` when there is none.
  public func takeLine() -> [UInt8]? {
    take { min($0.lines.count, 1) }
  }

  /// The changes that are ready to be told, with their versions.
  public var untold: [(object: String, resourceVersion: UInt64)] {
    state.withLock { state in
      state.lines.dropFirst(state.initialCount).compactMap(\.object).map {
        ("\($0.namespace ?? "")/\($0.name)", $0.resourceVersion)
      }
    }
  }

  /// Whether something is held back by ``hide(_:)``.
  public var isHolding: Bool {
    state.withLock { state in
      let count = state.countUnhidden()
      return count < state.lines.count
    }
  }

  /// Holds the change of this version back, and all that follow it, until there is a newer one of the same object: then
  /// the newer one is told and the hidden one never. `nil` tells everything.
  public func hide(_ version: UInt64?) {
    state.withLock { $0.hidden = version }
  }

  /// Whether no further line will come; those that are there can still be taken.
  public var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// `wake` is called (outside the lock) whenever something is there to take or the watch has ended.
  public func onReady(_ wake: @escaping @Sendable () -> Void) {
    let isReady = state.withLock { state in
      state.wake = wake
      return state.hasEnded || !state.lines.isEmpty
    }
    if isReady { wake() }
  }

  /// Says how far the watch has come, as the server does about once a minute; the caller decides when. Nothing happens
  /// if the client wants no bookmarks.
  public func bookmark() {
    guard wantsBookmarks else { return }
    server.bookmark(self)
  }

  /// Ends the watch, from either side.
  public func close() {
    server.close(self)
  }

  private func append(_ line: Line, to bytes: inout [UInt8]) {
    switch line {
    case .object(let verb, let object):
      let body = object.bytes(metadataOnly: isMetadataOnly)
      bytes.reserveCapacity(bytes.count + body.count + 40)
      bytes.append(contentsOf: "{\"type\":\"\(verb.rawValue)\",\"object\":".utf8)
      bytes.append(contentsOf: body)
      bytes.append(contentsOf: "}\n".utf8)
    case .text(let text):
      bytes.append(contentsOf: text)
    }
  }
}

extension SimulatedWatch.State {
  /// How many lines can be told; the hidden one is dropped when it has been overtaken.
  fileprivate mutating func countUnhidden() -> Int {
    guard let hidden,
      let place = lines.dropFirst(initialCount).firstIndex(where: { $0.object?.resourceVersion == hidden }),
      let object = lines[place].object
    else { return lines.count }
    let isOvertaken = lines[(place + 1)...].contains {
      $0.object?.name == object.name && $0.object?.namespace == object.namespace
    }
    guard isOvertaken else { return place }
    lines.remove(at: place)
    self.hidden = nil
    return lines.count
  }
}

extension SimulatedWatch {
  /// What was posted so far is the list that the watch begins with.
  func endInitialEvents() {
    state.withLock { $0.initialCount = $0.lines.count }
  }

  /// - Returns: whether there is something new to take.
  func offer(_ event: ObjectTable.Event) -> Bool {
    let isIn = event.verb != .deleted && filter.matches(event.object)
    let wasIn = event.old.map { filter.matches($0) } ?? false
    switch (wasIn, isIn) {
    case (false, false): return false
    case (false, true): post(.added, event.object)
    case (true, true): post(.modified, event.object)
    case (true, false) where event.verb == .deleted: post(.deleted, event.object)
    case (true, false):
      // As it was when it still belonged, with the version of the change that led it out.
      guard let old = event.old else { return false }
      var value = old.value
      value["metadata"]?["resourceVersion"] = .string(String(event.resourceVersion))
      post(
        .deleted,
        StoredObject(value, resourceVersion: event.resourceVersion, namespace: old.namespace, name: old.name))
    }
    return true
  }

  func post(_ verb: Change.Verb, _ object: StoredObject) {
    state.withLock { state in
      if !state.hasEnded { state.lines.append(.object(verb, object)) }
    }
  }

  func post(text: [UInt8]) {
    state.withLock { state in
      if !state.hasEnded { state.lines.append(.text(text)) }
    }
  }

  /// - Returns: `false` if it had ended before.
  func end() -> Bool {
    state.withLock { state in
      defer { state.hasEnded = true }
      return !state.hasEnded
    }
  }

  func wake() {
    let wake = state.withLock { $0.wake }
    wake?()
  }

  /// - Parameter endsInitialEvents: whether the list that was sent as events is whole by it.
  func bookmarkLine(_ resource: APIResource, version: UInt64, endsInitialEvents: Bool) -> [UInt8] {
    var metadata: JSONValue = ["resourceVersion": .string(String(version)), "creationTimestamp": .null]
    if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
    let object: JSONValue = [
      "kind": .string(isMetadataOnly ? "PartialObjectMetadata" : resource.kind),
      "apiVersion": .string(isMetadataOnly ? "meta.k8s.io/v1" : resource.apiVersion), "metadata": metadata,
    ]
    let line: JSONValue = ["type": "BOOKMARK", "object": object]
    return line.serialized() + [UInt8(ascii: "\n")]
  }
}
