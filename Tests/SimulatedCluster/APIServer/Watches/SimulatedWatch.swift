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

  private struct State {
    var lines: [Line] = []
    var hasEnded = false
    var wake: (@Sendable () -> Void)?
  }

  private enum Line: Sendable {
    case object(Change.Verb, StoredObject)
    case text([UInt8])
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
    let lines = state.withLock { state in
      let lines = state.lines
      state.lines = []
      return lines
    }
    guard !lines.isEmpty else { return nil }
    var bytes: [UInt8] = []
    for line in lines { append(line, to: &bytes) }
    return bytes
  }

  /// The next line alone; `nil` when there is none.
  public func takeLine() -> [UInt8]? {
    let line = state.withLock { $0.lines.isEmpty ? nil : $0.lines.removeFirst() }
    guard let line else { return nil }
    var bytes: [UInt8] = []
    append(line, to: &bytes)
    return bytes
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

extension SimulatedWatch {
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
