/// Follows the bytes of an RE2 expression so far as to know whether the next may be a literal character.
///
/// In doubt it says no: a brace that opens nothing counts as a repetition, a `[:` in a class as a named one.
/// The grammar is that of RE2 and Go's `regexp/syntax`.
struct RegexPosition {
  private enum State: Equatable {
    case plain
    case escape
    /// After so many digits of an octal escape, which takes three.
    case octal(Int)
    /// After `\x`, so many digits of two.
    case hexadecimal(Int)
    /// After `\p`.
    case property
    /// In `\p{…}`, `\x{…}` or a repetition.
    case braces
    /// In `\Q…\E`.
    case quoted
    case quotedEscape
    case openGroup
    /// In `(?…`.
    case groupHead
    /// Right after `[` or `[^`, where `]` is a literal.
    case openClass(isNegated: Bool)
    case classBody
    case classEscape
    case classBracket
    case namedClass
    case namedClassColon
  }

  private var state = State.plain

  /// Whether a literal character can follow, so that it means itself.
  var takesLiteral: Bool { state == .plain || state == .openGroup }

  /// Goes past literal text.
  mutating func passLiteral() { state = .plain }

  /// Goes past one byte of the expression.
  mutating func pass(_ byte: UInt8) {
    switch state {
    case .plain, .openGroup: state = opened(by: byte)
    case .escape: state = escaped(byte)
    case .octal(let digits):
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte)
      if isDigit { state = digits < 2 ? .octal(digits + 1) : .plain } else { state = opened(by: byte) }
    case .hexadecimal(let digits):
      if digits == 0, byte == UInt8(ascii: "{") {
        state = .braces
      } else {
        state = digits == 0 ? .hexadecimal(1) : .plain
      }
    case .property: state = byte == UInt8(ascii: "{") ? .braces : .plain
    case .braces: if byte == UInt8(ascii: "}") { state = .plain }
    case .quoted: if byte == UInt8(ascii: "\\") { state = .quotedEscape }
    case .quotedEscape:
      if byte != UInt8(ascii: "\\") { state = byte == UInt8(ascii: "E") ? .plain : .quoted }
    case .groupHead:
      if [UInt8(ascii: ":"), UInt8(ascii: ")"), UInt8(ascii: ">")].contains(byte) { state = .plain }
    default: passInClass(byte)
    }
  }

  private mutating func passInClass(_ byte: UInt8) {
    switch state {
    case .openClass(isNegated: false) where byte == UInt8(ascii: "^"): state = .openClass(isNegated: true)
    case .openClass where byte == UInt8(ascii: "]"): state = .classBody
    case .classEscape: state = .classBody
    case .classBracket where byte == UInt8(ascii: ":"): state = .namedClass
    case .namedClass: if byte == UInt8(ascii: ":") { state = .namedClassColon }
    case .namedClassColon where byte == UInt8(ascii: ":"): break
    case .namedClassColon: state = byte == UInt8(ascii: "]") ? .classBody : .namedClass
    default:
      switch byte {
      case UInt8(ascii: "]"): state = .plain
      case UInt8(ascii: "\\"): state = .classEscape
      case UInt8(ascii: "["): state = .classBracket
      default: state = .classBody
      }
    }
  }

  private func opened(by byte: UInt8) -> State {
    switch byte {
    case UInt8(ascii: "\\"): .escape
    case UInt8(ascii: "["): .openClass(isNegated: false)
    case UInt8(ascii: "{"): .braces
    case UInt8(ascii: "("): .openGroup
    case UInt8(ascii: "?") where state == .openGroup: .groupHead
    default: .plain
    }
  }

  private func escaped(_ byte: UInt8) -> State {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "7"): .octal(1)
    case UInt8(ascii: "x"): .hexadecimal(0)
    case UInt8(ascii: "p"), UInt8(ascii: "P"): .property
    case UInt8(ascii: "Q"): .quoted
    default: .plain
    }
  }
}
