extension ObjectMeta {
  /// Reads the metadata of an object that could not be decoded, as far as they are readable.
  init(readableIn cursor: inout JSONCursor) {
    self.init()
    // Whatever stops this has been reported as the object's error.
    try? readMetadata(of: &cursor)
  }

  private mutating func readMetadata(of cursor: inout JSONCursor) throws(JSONError) {
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      if key == "metadata" {
        try readFields(from: &cursor)
      } else {
        try cursor.skipBalanced()
      }
    }
  }

  private mutating func readFields(from cursor: inout JSONCursor) throws(JSONError) {
    guard try cursor.peekKind() == .object else { return try cursor.skipBalanced() }
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      let value = cursor.position
      do throws(JSONError) {
        try read(key, from: &cursor)
      } catch {
        cursor.position = value
        try cursor.skipBalanced()
      }
    }
  }
}
