/// The lexical part: white space, words, the extent of strings and numbers.
extension JSONCursor {
  mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x0a, 0x0d, 0x09: offset &+= 1
      default: return
      }
    }
  }

  /// The next byte that is not white space; the cursor stands before it.
  mutating func peekSignificant() throws(JSONError) -> UInt8 {
    skipWhitespace()
    guard offset < bytes.count else { throw error(.unexpectedEnd) }
    return bytes[offset]
  }

  mutating func begin(_ bracket: UInt8, _ kind: JSONKind) throws(JSONError) {
    guard try peekSignificant() == bracket else {
      throw error(.wrongType(expected: kind, found: try peekKind()))
    }
    guard depth < Self.maximumDepth else { throw error(.tooDeep) }
    offset &+= 1
    depth &+= 1
    isAtStart = true
  }

  /// Goes past the comma before the next member or element, or past the closing bracket.
  ///
  /// - Returns: `false` if the object or array has ended.
  mutating func advance(to close: UInt8) throws(JSONError) -> Bool {
    let byte = try peekSignificant()
    if byte == close {
      offset &+= 1
      depth &-= 1
      isAtStart = false
      return false
    }
    if isAtStart {
      isAtStart = false
      return true
    }
    guard byte == UInt8(ascii: ",") else { throw error(.unexpectedByte(byte)) }
    offset &+= 1
    let next = try peekSignificant()
    // A closing bracket right after a comma would otherwise be taken for the end of the container.
    guard next != UInt8(ascii: "}"), next != UInt8(ascii: "]") else { throw error(.unexpectedByte(next)) }
    return true
  }

  mutating func readWord(_ word: StaticString) throws(JSONError) {
    let count = word.utf8CodeUnitCount
    for index in 0..<count {
      guard offset < bytes.count else { throw error(.unexpectedEnd) }
      guard bytes[offset] == word.utf8Start[index] else { throw error(.unexpectedByte(bytes[offset])) }
      offset &+= 1
    }
  }

  /// Goes past a string, checking its escapes; the cursor stands at the opening quote.
  ///
  /// - Returns: the bytes between the quotes, and whether there are escapes among them.
  mutating func scanString() throws(JSONError) -> (range: Range<Int>, hasEscapes: Bool) {
    let start = offset &+ 1
    var hasEscapes = false
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        offset = index &+ 1
        return (start..<index, hasEscapes)
      }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        index = try endOfEscape(at: index)
        continue
      }
      guard byte >= 0x20 else {
        offset = index
        throw error(.invalidString)
      }
      index &+= 1
    }
    offset = bytes.count
    throw error(.unexpectedEnd)
  }

  private mutating func endOfEscape(at index: Int) throws(JSONError) -> Int {
    offset = index
    guard index &+ 1 < bytes.count else { throw error(.unexpectedEnd) }
    switch bytes[index &+ 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return index &+ 2
    case UInt8(ascii: "u"):
      guard index &+ 6 <= bytes.count else { throw error(.unexpectedEnd) }
      for digit in index &+ 2..<index &+ 6 where JSONString.hexValue(bytes[digit]) == nil {
        throw error(.invalidString)
      }
      return index &+ 6
    default:
      throw error(.invalidString)
    }
  }

  /// Goes past a number by JSON's grammar.
  ///
  /// - Returns: its bytes, and whether it has neither fraction nor exponent.
  mutating func scanNumber() throws(JSONError) -> (range: Range<Int>, isInteger: Bool) {
    let start = offset
    var isInteger = true
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") { offset &+= 1 }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
      offset &+= 1
    } else {
      try scanDigits()
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isInteger = false
      offset &+= 1
      try scanDigits()
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      offset &+= 1
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
        offset &+= 1
      }
      try scanDigits()
    }
    if offset < bytes.count, Self.continuesNumber(bytes[offset]) { throw error(.invalidNumber) }
    guard offset &- start <= Self.maximumNumberLength else { throw JSONError(offset: start, reason: .tooLarge) }
    return (start..<offset, isInteger)
  }

  private mutating func scanDigits() throws(JSONError) {
    let start = offset
    while offset < bytes.count, bytes[offset] &- UInt8(ascii: "0") < 10 { offset &+= 1 }
    if offset == start { throw error(offset < bytes.count ? .invalidNumber : .unexpectedEnd) }
  }

  private static func continuesNumber(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
  }
}
