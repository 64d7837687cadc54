import RollbackOperator

@testable import KubernetesClient

/// Any text as a list.
enum ListProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let tree = try? JSONValue(parsing: bytes)
    try check(Deployment.self, bytes, tree)
    try check(Pod.self, bytes, tree)
    try check(ReplicaSetMetadata.self, bytes, tree)
    try check(PolicyObject.self, bytes, tree)
    try check(EventObject.self, bytes, tree)
    if let tree { discovery(tree) }
  }

  /// One bad object never hides the others: what has items has as many of them when it is read.
  private static func check<Object: KubernetesObject>(
    _ type: Object.Type, _ bytes: [UInt8], _ tree: JSONValue?
  ) throws(Violation) {
    switch Result(catching: { () throws(JSONError) in try ObjectList<Object>.decode(bytes) }) {
    case .success(let list):
      for case .undecodable(let broken) in list.items { try check(broken) }
      guard let tree, !JSONTwins.exist(in: bytes, tree) else { return }
      try require(list.items.count == tree["items"]?.array?.count ?? 0, "\(list.items.count) items were read")
    case .failure(let error):
      try Text.requireOneLine(KubernetesError(decoding: error, request: "", changesState: false).reason, longest: 2_100)
      guard let tree, let items = tree["items"]?.array, !items.isEmpty, tree["metadata"] == nil else { return }
      try require(JSONTwins.exist(in: bytes, tree), "a list of \(items.count) is refused: \(error)")
    }
  }

  static func check(_ broken: UndecodableObject) throws(Violation) {
    try Text.requireOneLine(broken.error.description, longest: 2_000)
  }

  /// What is read from trees: the answers of discovery.
  private static func discovery(_ tree: JSONValue) {
    _ = ServerVersion(tree)
    for group in tree["groups"]?.array ?? [] { _ = DiscoveryCache.Group(group) }
    for resource in tree["resources"]?.array ?? [] {
      _ = APIResource(resource, group: "apps", version: "v1")?.path(namespace: "shop", name: "web")
    }
  }
}
