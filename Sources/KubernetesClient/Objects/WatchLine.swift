/// One line of a watch.
public enum WatchLine<Object: KubernetesObject>: Sendable {
  case added(Decoded<Object>)
  case modified(Decoded<Object>)
  case deleted(Decoded<Object>)
  /// All changes up to this version have been sent. The first bookmark after a list that was sent as watch events
  /// (`sendInitialEvents`) says that the list is whole.
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  /// The server ends the watch, for example with `410 Expired`.
  case error(Status)

  /// Reads one line. An object that cannot be read becomes ``Decoded/undecodable(_:)``.
  ///
  /// - Throws: if the line is not a watch event of a known type.
  public static func decode(_ bytes: [UInt8]) throws(JSONError) -> WatchLine {
    var cursor = JSONCursor(bytes.span)
    var type: String?
    var object: JSONCursor.Position?
    var decoded: Decoded<Object>?
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "type": type = try cursor.readString()
      case "object":
        object = cursor.position
        switch type {
        case "ADDED", "MODIFIED", "DELETED": decoded = try Decoded(from: &cursor)
        // Read when the type is known.
        default: try cursor.skipBalanced()
        }
      default: try cursor.skip()
      }
    }
    try cursor.finish()
    guard let type else { throw cursor.error(.missing("type")) }
    guard let object else { throw cursor.error(.missing("object")) }
    cursor.position = object
    switch type {
    case "ADDED", "MODIFIED", "DELETED":
      let item = if let decoded { decoded } else { try Decoded<Object>(from: &cursor) }
      return type == "ADDED" ? .added(item) : type == "MODIFIED" ? .modified(item) : .deleted(item)
    case "BOOKMARK":
      let metadata = ObjectMeta(readableIn: &cursor)
      guard !metadata.resourceVersion.isEmpty else { throw cursor.error(.missing("object.metadata.resourceVersion")) }
      return .bookmark(
        resourceVersion: metadata.resourceVersion,
        endsInitialEvents: metadata.annotations["k8s.io/initial-events-end"] == "true")
    case "ERROR": return .error(try Status(from: &cursor))
    default:
      let name = OneLine.text(type, limit: 40)
      throw cursor.error(.invalidValue("unknown type of watch event \"\(name)\""))
    }
  }
}
