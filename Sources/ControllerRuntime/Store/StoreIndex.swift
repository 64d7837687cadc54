public import KubernetesClient

/// A named way to find objects by something other than their name.
public struct StoreIndex<Object: KubernetesObject>: Sendable {
  /// The name lookups use.
  public var name: String
  /// The values an object is found under; none when it is not in this index. Must depend on the object alone.
  public var values: @Sendable (Object) -> [String]

  public init(_ name: String, values: @escaping @Sendable (Object) -> [String]) {
    self.name = name
    self.values = values
  }

  /// `owner`: by the UID of the controlling owner.
  public static var owner: StoreIndex {
    StoreIndex("owner") { object in
      object.metadata.ownerReferences.filter(\.isController).map(\.uid)
    }
  }

  /// `namespace`: by the namespace.
  public static var namespace: StoreIndex {
    StoreIndex("namespace") { [$0.metadata.namespace ?? ""] }
  }

  /// `uid`: by the object's own UID.
  public static var uid: StoreIndex {
    StoreIndex("uid") { [$0.metadata.uid] }
  }
}
