@testable import KubernetesClient

/// Any text as JSON.
enum JSONProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    if let failure = JSONComparison(bytes).failure { throw Violation(description: "Foundation differs: \(failure)") }
    try skippingAgrees(bytes)
    guard let value = try? JSONValue(parsing: bytes) else { return }
    let text = value.serialized()
    guard let copy = try? JSONValue(parsing: text) else {
      throw Violation(description: "its own text is refused: \(value)")
    }
    try require(copy == value, "\(copy) is not \(value)")
    try require(copy.isSemanticallyEqual(to: value), "\(value) does not mean what its copy means")
    try require(copy.serialized() == text, "the text changes when it is read again: \(value)")
    try numbers(value)
  }

  /// All ways of going over a value agree on whether and where it ends.
  private static func skippingAgrees(_ bytes: [UInt8]) throws(Violation) {
    let read = end(bytes) { cursor throws(JSONError) in _ = try cursor.readValue() }
    let skipped = end(bytes) { cursor throws(JSONError) in try cursor.skip() }
    let raw = end(bytes) { cursor throws(JSONError) in _ = try cursor.readRaw() }
    try require(read == skipped && read == raw, "read to \(read ?? -1), skipped to \(skipped ?? -1)")
    // Without an end of the text behind it a word goes on, by brackets alone.
    guard let read, (try? JSONValue(parsing: bytes)) != nil else { return }
    let balanced = end(bytes) { cursor throws(JSONError) in try cursor.skipBalanced() }
    try require(balanced == read, "read to \(read), by brackets to \(balanced ?? -1)")
  }

  private static func end(_ bytes: [UInt8], _ read: (inout JSONCursor) throws(JSONError) -> Void) -> Int? {
    var cursor = JSONCursor(bytes.span)
    do {
      try read(&cursor)
      return cursor.position.byteOffset
    } catch {
      return nil
    }
  }

  private static func numbers(_ value: JSONValue) throws(Violation) {
    switch value {
    case .number(let number):
      try require(number.isSameValue(as: number), "\(number.text) is not itself")
      if let integer = number.int64 {
        try require(number.isSameValue(as: JSONNumber(integer)), "\(number.text) is not \(integer)")
        try require(number.double == Double(integer), "\(number.text) is \(String(describing: number.double))")
      }
    case .array(let elements):
      for element in elements { try numbers(element) }
    case .object(let members):
      for member in members { try numbers(member.value) }
    case .string, .bool, .null: break
    }
  }
}
