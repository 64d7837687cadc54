/// Going over values without looking into them.
extension JSONCursor {
  /// Goes over the next value and validates it.
  public mutating func skip() throws(JSONError) {
    // Loops rather than calls itself, so that depth costs a bit and not a stack frame.
    var isObject: UInt128 = 0
    let outer = depth
    repeat {
      if depth > outer {
        let inObject = isObject & 1 == 1
        let hasNext = inObject ? try skipKey() : try nextElement()
        if !hasNext {
          isObject >>= 1
          continue
        }
      }
      switch try peekKind() {
      case .object:
        try beginObject()
        isObject = isObject << 1 | 1
      case .array:
        try beginArray()
        isObject <<= 1
      case .string: _ = try scanString()
      case .number: _ = try scanNumber()
      case .bool: _ = try readBool()
      case .null: try readWord("null")
      }
    } while depth > outer
  }

  private mutating func skipKey() throws(JSONError) -> Bool {
    try nextMember() != nil
  }

  /// Copies the bytes of the next value, after validating it, for a decoder of another kind.
  public mutating func readRaw() throws(JSONError) -> [UInt8] {
    skipWhitespace()
    let start = offset
    try skip()
    let range = start..<offset
    return bytes.extracting(range).withUnsafeBufferPointer { Array($0) }
  }

  /// Goes over the next value by its brackets and strings alone.
  ///
  /// This finds the end of an object that ``skip()`` refuses (nested too deep, a number too long), so that what stands
  /// beside it can still be read.
  public mutating func skipBalanced() throws(JSONError) {
    var open = 0
    repeat {
      switch try peekSignificant() {
      case UInt8(ascii: "\""):
        skipStringUnchecked()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open &+= 1
        offset &+= 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard open > 0 else { throw error(.unexpectedByte(bytes[offset])) }
        open &-= 1
        offset &+= 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard open > 0 else { throw error(.unexpectedByte(bytes[offset])) }
        offset &+= 1
      default:
        skipWordUnchecked()
      }
    } while open > 0
    isAtStart = false
  }

  private mutating func skipStringUnchecked() {
    offset &+= 1
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset &+= 1
        return
      case UInt8(ascii: "\\"): offset = min(offset &+ 2, bytes.count)
      default: offset &+= 1
      }
    }
  }

  private mutating func skipWordUnchecked() {
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["),
        UInt8(ascii: "]"), UInt8(ascii: "\""), 0x20, 0x0a, 0x0d, 0x09:
        return
      default: offset &+= 1
      }
    }
  }
}
