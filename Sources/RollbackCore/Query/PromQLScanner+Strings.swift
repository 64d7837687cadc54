/// String literals, and the placeholders in them.
extension PromQLScanner {
  mutating func passString(quote: UInt8) throws(PromQLTemplateError) {
    let start = index
    let meaning = meaningOfString
    var regex = RegexPosition()
    var unquantified: Int?
    word = []
    lastTwo = [0, quote]
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      if isAtPlaceholder {
        try passQuotedPlaceholder(.string(quote: quote, meaning: meaning), regex)
        regex.passLiteral()
        unquantified = pieces.count - 1
        continue
      }
      if byte == quote {
        index += 1
        return
      }
      if byte == 0x0a, quote != UInt8(ascii: "`") { break }
      let value = byte == UInt8(ascii: "\\") && quote != UInt8(ascii: "`") ? try passEscape(quote) : passByte()
      if let piece = unquantified, "*+?{".utf8.contains(value) { quantify(piece) }
      unquantified = nil
      regex.pass(value)
    }
    throw .malformed("the string", at: position(start), "does not end; close it with the quote that it began with")
  }

  private mutating func passQuotedPlaceholder(
    _ place: PromQLPlace, _ regex: RegexPosition
  ) throws(PromQLTemplateError) {
    let start = index
    endText()
    let placeholder = try readPlaceholder()
    if case .string(_, .regex) = place, !regex.takesLiteral {
      throw .misplaced(
        placeholder, at: position(start),
        "stands in a class, repetition, group head or escape of a regular expression; put it where a character stands")
    }
    pieces.append(.value(placeholder, place))
    pending = index
  }

  private mutating func quantify(_ piece: Int) {
    guard case .value(let placeholder, .string(let quote, .regex)) = pieces[piece] else { return }
    pieces[piece] = .value(placeholder, .string(quote: quote, meaning: .regex(isQuantified: true)))
  }

  private var meaningOfString: PromQLPlace.Meaning {
    if lastTwo == Array("=~".utf8) || lastTwo == Array("!~".utf8) { return .regex(isQuantified: false) }
    // Parentheses around an argument change nothing.
    let call = open.last { !($0.byte == UInt8(ascii: "(") && $0.function.isEmpty) }
    guard let call, call.byte == UInt8(ascii: "("), call.function == Array("label_replace".utf8) else { return .plain }
    switch call.argument {
    case 2: return .replacement
    case 4: return .regex(isQuantified: false)
    default: return .plain
    }
  }

  private mutating func passByte() -> UInt8 {
    index += 1
    return bytes[index - 1]
  }

  /// Goes past an escape by Go's rules.
  ///
  /// - Returns: the byte that it stands for, or one that means nothing in a regular expression.
  private mutating func passEscape(_ quote: UInt8) throws(PromQLTemplateError) -> UInt8 {
    let start = index
    let kind = index + 1 < bytes.count ? bytes[index + 1] : 0
    let form: (skipped: Int, digits: Int, radix: Int)
    switch kind {
    case UInt8(ascii: "\\"), quote:
      index += 2
      return kind
    case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
      UInt8(ascii: "t"), UInt8(ascii: "v"):
      index += 2
      return 0
    case UInt8(ascii: "x"): form = (2, 2, 16)
    case UInt8(ascii: "u"): form = (2, 4, 16)
    case UInt8(ascii: "U"): form = (2, 8, 16)
    default: form = (1, 3, 8)
    }
    let end = index + form.skipped + form.digits
    let digits = end <= bytes.count ? bytes[(index + form.skipped)..<end] : []
    // `Int` would take a sign.
    guard digits.first.map({ Self.isWord($0) }) == true,
      let value = Int(String(decoding: digits, as: UTF8.self), radix: form.radix)
    else {
      throw .malformed("the escape", at: position(start), "is none that PromQL knows; write \\\\ for a backslash")
    }
    index = end
    return UInt8(exactly: value) ?? 0xff
  }
}
