/// One page of a list, or all of it.
public struct ObjectList<Object: KubernetesObject>: Sendable {
  public var items: [Decoded<Object>]
  /// The state of the collection that the list shows; a watch goes on from here.
  public var resourceVersion: String
  /// Given if there are more pages.
  public var continueToken: String?
  /// How many objects are on the pages to come, if the server says so.
  public var remainingItemCount: Int64?

  public init(
    items: [Decoded<Object>] = [], resourceVersion: String = "", continueToken: String? = nil,
    remainingItemCount: Int64? = nil
  ) {
    self.items = items
    self.resourceVersion = resourceVersion
    self.continueToken = continueToken
    self.remainingItemCount = remainingItemCount
  }

  /// Reads the body of a list response. An item that cannot be read becomes ``Decoded/undecodable(_:)``.
  ///
  /// - Throws: if the body is not a list.
  public static func decode(_ bytes: [UInt8]) throws(JSONError) -> ObjectList {
    var cursor = JSONCursor(bytes.span)
    var list = ObjectList()
    var isList = false
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": try list.readMetadata(from: &cursor)
      case "items":
        isList = true
        list.items = []
        guard try cursor.beginArrayIfPresent() else { continue }
        while try cursor.nextElement() { list.items.append(try Decoded(from: &cursor)) }
      default: try cursor.skip()
      }
    }
    try cursor.finish()
    guard isList else { throw cursor.error(.missing("items")) }
    return list
  }

  private mutating func readMetadata(from cursor: inout JSONCursor) throws(JSONError) {
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "resourceVersion": resourceVersion = try cursor.readStringIfPresent() ?? ""
      case "continue":
        let token = try cursor.readStringIfPresent() ?? ""
        continueToken = token.isEmpty ? nil : token
      case "remainingItemCount": remainingItemCount = try cursor.readInt64IfPresent()
      default: try cursor.skip()
      }
    }
  }
}
