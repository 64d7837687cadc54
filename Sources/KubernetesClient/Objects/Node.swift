/// A node, as far as the operator cares: its metadata.
public struct Node: KubernetesObject, Equatable {
  public static var resource: APIResource { .nodes }

  public var metadata: ObjectMeta

  public init(metadata: ObjectMeta = ObjectMeta()) {
    self.metadata = metadata
  }

  public init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": metadata = try ObjectMeta(from: &cursor)
      default: try cursor.skip()
      }
    }
  }
}
