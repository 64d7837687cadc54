/// A reference to the object that owns another.
public struct OwnerReference: Sendable, Equatable {
  public var apiVersion: String
  public var kind: String
  public var name: String
  private var compactUID: CompactUID
  /// Whether the owner manages the object; at most one does.
  public var isController: Bool

  public init(apiVersion: String, kind: String, name: String, uid: String, isController: Bool = true) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    compactUID = CompactUID(uid)
    self.isController = isController
  }

  public var uid: String {
    get { compactUID.text }
    set { compactUID = CompactUID(newValue) }
  }

  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init(apiVersion: "", kind: "", name: "", uid: "", isController: false)
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "apiVersion": apiVersion = try cursor.readSharedString()
      case "kind": kind = try cursor.readSharedString()
      case "name": name = try cursor.readSharedString()
      case "uid": compactUID = try CompactUID(from: &cursor)
      case "controller": isController = try cursor.readBoolIfPresent() ?? false
      default: try cursor.skip()
      }
    }
  }
}
