import KubernetesClient

/// Whether some object of a text has the same key twice: then the tree has fewer members than the text.
enum JSONTwins {
  static func exist(in bytes: [UInt8], _ tree: JSONValue) -> Bool {
    var cursor = JSONCursor(bytes.span)
    return (try? members(&cursor)) != members(tree)
  }

  private static func members(_ cursor: inout JSONCursor) throws(JSONError) -> Int {
    var count = 0
    switch try cursor.peekKind() {
    case .object:
      try cursor.beginObject()
      while try cursor.nextMember() != nil { count += 1 + (try members(&cursor)) }
    case .array:
      try cursor.beginArray()
      while try cursor.nextElement() { count += try members(&cursor) }
    default: try cursor.skip()
    }
    return count
  }

  private static func members(_ value: JSONValue) -> Int {
    switch value {
    case .object(let all): all.reduce(0) { $0 + 1 + members($1.value) }
    case .array(let all): all.reduce(0) { $0 + members($1) }
    default: 0
    }
  }
}
