import KubernetesClient

/// The cursor, driven by any sequence of calls over any text: the first half of the bytes says what is called.
enum CursorProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let split = min(bytes.count / 2, 64)
    let text = Array(bytes[split...])
    var cursor = JSONCursor(text.span)
    var marks = [cursor.position]
    for call in bytes[..<split] {
      let before = cursor.position
      do throws(JSONError) {
        try perform(call, on: &cursor, marks: &marks)
      } catch {
        try require((0...text.count).contains(error.offset), "an error at \(error.offset) of \(text.count)")
        try require(!error.description.isEmpty, "an error without text")
        // Half of the callers go back, as readers that forgive do; the others go on where nothing is promised but that
        // nothing traps.
        if call & 0x80 == 0 { cursor.position = before }
      }
      try require((0...text.count).contains(cursor.position.byteOffset), "the cursor is outside of its text")
    }
  }

  private static func perform(
    _ call: UInt8, on cursor: inout JSONCursor, marks: inout [JSONCursor.Position]
  ) throws(JSONError) {
    switch call & 0x1f {
    case 0: try cursor.beginObject()
    case 1: try cursor.beginArray()
    case 2: if let key = try cursor.nextMember() { _ = key == "metadata" ? "" : key.string }
    case 3: _ = try cursor.nextElement()
    case 4: _ = try cursor.readString()
    case 5: _ = try cursor.readInt64()
    case 6: _ = try cursor.readDouble()
    case 7: _ = try cursor.readNumber()
    case 8: _ = try cursor.readBool()
    case 9: _ = try cursor.readTimestamp()
    case 10: try cursor.skip()
    case 11: try cursor.skipBalanced()
    case 12: _ = try cursor.readRaw()
    case 13: _ = try cursor.readValue()
    case 14: _ = try cursor.peekKind()
    case 15: try cursor.finish()
    case 16: _ = try cursor.beginObjectIfPresent()
    case 17: _ = try cursor.beginArrayIfPresent()
    case 18: _ = try cursor.readStringIfPresent()
    case 19: _ = try cursor.readIntIfPresent()
    case 20: _ = try cursor.readBoolIfPresent()
    case 21: _ = try cursor.readTimestampIfPresent()
    case 22: _ = try cursor.readSharedString()
    case 23: _ = try cursor.readList { cursor throws(JSONError) in try cursor.readInt() }
    case 24: _ = try cursor.read([String: Bool].self)
    case 25: marks.append(cursor.position)
    case 26: if let mark = marks.popLast() { cursor.position = mark }
    default: _ = try cursor.readNullIfPresent()
    }
  }
}
