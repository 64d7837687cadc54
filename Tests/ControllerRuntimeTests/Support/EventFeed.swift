import KubernetesClient

@testable import ControllerRuntime

/// A watch whose events a test tells by hand.
struct EventFeed<Object: KubernetesObject>: Sendable {
  private let events: AsyncStream<WatcherEvent<Object>>
  private let continuation: AsyncStream<WatcherEvent<Object>>.Continuation

  init() {
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(100_000))
  }

  var source: Reflector<Object>.Source {
    { handle in
      for await event in events { await handle(event) }
    }
  }

  func send(_ events: WatcherEvent<Object>...) {
    for event in events { continuation.yield(event) }
  }

  /// A whole list.
  func relist(_ objects: [Decoded<Object>], at resourceVersion: String) {
    send(.relistStarted)
    for object in objects { send(.relisted(object)) }
    send(.relistDone(resourceVersion: resourceVersion))
  }
}

extension Pod {
  /// A pod of ReplicaSet `owner`, with the version as its resource version.
  static func test(
    _ name: String, version: Int, namespace: String = "shop", owner: String = "rs", uid: String? = nil
  ) -> Pod {
    Pod(
      metadata: ObjectMeta(
        name: name, namespace: namespace, uid: uid ?? "uid-\(name)", resourceVersion: "\(version)",
        ownerReferences: [OwnerReference(apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner)]))
  }
}

extension Decoded<Pod> {
  static func pod(_ name: String, _ version: Int, owner: String = "rs", uid: String? = nil) -> Decoded {
    .object(.test(name, version: version, owner: owner, uid: uid))
  }

  static func broken(_ name: String, _ version: Int) -> Decoded {
    .undecodable(
      UndecodableObject(
        metadata: Pod.test(name, version: version).metadata, error: JSONError(offset: 0, reason: .tooDeep)))
  }
}

extension StoreChange {
  /// What happened, in a word and the names and versions concerned.
  var summary: String {
    switch self {
    case .synced: "synced"
    case .changed(nil, let new): "new \(new.metadata.name)@\(new.metadata.resourceVersion)"
    case .changed(let old?, let new):
      "changed \(new.metadata.name)@\(old.metadata.resourceVersion)→\(new.metadata.resourceVersion)"
    case .deleted(let object): "deleted \(object.metadata.name)@\(object.metadata.resourceVersion)"
    case .undecodable(let object): "undecodable \(object.metadata.name)@\(object.metadata.resourceVersion)"
    case .undecodableDeleted(let object): "undecodableDeleted \(object.metadata.name)"
    }
  }
}
