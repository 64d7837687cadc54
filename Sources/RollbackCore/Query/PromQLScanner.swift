/// Cuts a query into its text and its placeholders, following Prometheus's lexer so far as to know in what kind of
/// token each of them stands.
struct PromQLScanner {
  let bytes: [UInt8]
  var index = 0
  var pieces: [PromQLPiece] = []
  /// Where the text begins that is not yet a piece.
  var pending = 0
  var open: [Bracket] = []
  /// The last identifier; what stood between it and a parenthesis was blank.
  var word: [UInt8] = []
  /// The last byte outside of strings, comments and blanks, and the one right before it.
  var lastTwo: [UInt8] = [0, 0]

  /// A bracket that is not closed yet.
  struct Bracket {
    var byte: UInt8
    /// The identifier before it.
    var function: [UInt8]
    /// The commas since.
    var argument = 0
  }

  private init(_ text: String) {
    bytes = Array(text.utf8)
  }

  static func pieces(of text: String) throws(PromQLTemplateError) -> [PromQLPiece] {
    guard text.utf8.count <= PromQLTemplate.longestText else { throw .tooLong }
    guard text.utf8.contains(where: { !isBlank($0) }) else { throw .empty }
    var scanner = PromQLScanner(text)
    while scanner.index < scanner.bytes.count { try scanner.passToken() }
    scanner.endText()
    return scanner.pieces
  }

  // MARK: Outside of strings

  private mutating func passToken() throws(PromQLTemplateError) {
    let byte = bytes[index]
    if isAtPlaceholder {
      try passBarePlaceholder()
      return
    }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): try passString(quote: byte)
    case UInt8(ascii: "#"): try passComment()
    default:
      note(byte)
      index += 1
    }
  }

  private mutating func note(_ byte: UInt8) {
    if Self.isWord(byte) {
      if index == 0 || !Self.isWord(bytes[index - 1]) { word = [] }
      word.append(byte)
    } else if !Self.isBlank(byte) {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open.append(Bracket(byte: byte, function: word))
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): open.removeLast(open.isEmpty ? 0 : 1)
      case UInt8(ascii: ","): if !open.isEmpty { open[open.count - 1].argument += 1 }
      default: break
      }
      word = []
    }
    if !Self.isBlank(byte) {
      let isNext = index > 0 && bytes[index - 1] == lastTwo[1]
      lastTwo = [isNext ? lastTwo[1] : 0, byte]
    }
  }

  private mutating func passComment() throws(PromQLTemplateError) {
    while index < bytes.count, bytes[index] != 0x0a, bytes[index] != 0x0d {
      if isAtPlaceholder {
        let start = index
        let placeholder = try readPlaceholder()
        throw .misplaced(placeholder, at: position(start), "stands in a comment; take it out")
      }
      index += 1
    }
  }

  private mutating func passBarePlaceholder() throws(PromQLTemplateError) {
    let start = index
    endText()
    let placeholder = try readPlaceholder()
    guard placeholder.isNumeric, open.last?.byte != UInt8(ascii: "{") else {
      throw .misplaced(placeholder, at: position(start), "stands outside of quotes; write \"\(placeholder)\"")
    }
    let isInBrackets = open.last?.byte == UInt8(ascii: "[")
    guard placeholder == .interval || !isInBrackets else {
      throw .misplaced(placeholder, at: position(start), "stands where a duration does; write {{interval}} or 5m")
    }
    let before = start > 0 ? bytes[start - 1] : 0
    let after = index < bytes.count ? bytes[index] : 0
    let followsPlaceholder = before == UInt8(ascii: "}") && start > 1 && bytes[start - 2] == UInt8(ascii: "}")
    let isGlued = [before, after].contains {
      // The colon parts the two durations of a subquery, elsewhere it is part of a name.
      Self.isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") && !isInBrackets
    }
    guard !isGlued, !followsPlaceholder else {
      throw .misplaced(placeholder, at: position(start), "is part of a longer word; put blanks around it")
    }
    pieces.append(.value(placeholder, .bare))
    pending = index
    word = []
    lastTwo = [0, 0]
  }

  // MARK: Placeholders

  var isAtPlaceholder: Bool {
    index + 1 < bytes.count && bytes[index] == UInt8(ascii: "{") && bytes[index + 1] == UInt8(ascii: "{")
  }

  mutating func readPlaceholder() throws(PromQLTemplateError) -> PromQLPlaceholder {
    let start = index
    var end = index + 2
    while end < bytes.count, bytes[end] != UInt8(ascii: "}"), bytes[end] != 0x0a { end += 1 }
    let isClosed = end + 1 < bytes.count && bytes[end] == UInt8(ascii: "}") && bytes[end + 1] == UInt8(ascii: "}")
    guard isClosed else {
      throw .malformed("the placeholder", at: position(start), "does not end; close it with }}")
    }
    let name = String(decoding: bytes[(start + 2)..<end], as: UTF8.self).trimmingBlanks
    guard let placeholder = PromQLPlaceholder(rawValue: name) else { throw .unknown(name, at: position(start)) }
    index = end + 2
    return placeholder
  }

  mutating func endText() {
    if pending < index { pieces.append(.text(String(decoding: bytes[pending..<index], as: UTF8.self))) }
    pending = index
  }

  /// Counted as people do: in characters, from one.
  func position(_ offset: Int) -> Int {
    String(decoding: bytes[..<offset], as: UTF8.self).unicodeScalars.count + 1
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }

  /// Whether the byte can be part of an identifier or a number.
  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xff: true
    default: false
    }
  }
}

extension String {
  /// Without blanks and tabs at either end.
  fileprivate var trimmingBlanks: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
