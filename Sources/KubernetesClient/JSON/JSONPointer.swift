/// JSON Pointer (RFC 6901), the form of paths in JSON patches.
public struct JSONPointer: Sendable, Equatable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The reference tokens, escapes resolved; empty for the whole document.
  public var tokens: [String]

  public init(tokens: [String]) {
    self.tokens = tokens
  }

  /// Takes the text form, as `/spec/template` or `/metadata/annotations/example.com~1name`. A leading slash that is
  /// missing is taken as being there.
  public init(_ text: String) {
    guard !text.isEmpty else {
      tokens = []
      return
    }
    // By scalars: as a `Character` a slash before a combining mark is another one than a slash.
    let parts = text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
    tokens = (text.utf8.first == UInt8(ascii: "/") ? parts.dropFirst() : parts[...]).map { Self.unescaped($0) }
  }

  public init(stringLiteral value: String) {
    self.init(value)
  }

  public var description: String {
    tokens.map { "/" + Self.escaped($0) }.joined()
  }

  /// A token as it is written in a path: `~` as `~0`, `/` as `~1`.
  public static func escaped(_ token: String) -> String {
    var text = ""
    for scalar in token.unicodeScalars {
      switch scalar {
      case "~": text += "~0"
      case "/": text += "~1"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func unescaped(_ token: Substring.UnicodeScalarView) -> String {
    var text = ""
    var rest = token
    while let scalar = rest.popFirst() {
      if scalar == "~", let next = rest.first, next == "0" || next == "1" {
        rest.removeFirst()
        text += next == "0" ? "~" : "/"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension JSONValue {
  /// The value that a pointer points to.
  public func at(_ pointer: JSONPointer) -> JSONValue? {
    var value = self
    for token in pointer.tokens {
      let next: JSONValue? =
        switch value {
        case .object(let members): members[token]
        case .array: Self.index(token).flatMap { value[$0] }
        default: nil
        }
      guard let next else { return nil }
      value = next
    }
    return value
  }

  /// Puts a value where the pointer points, making objects on the way; `nil` removes what is there.
  ///
  /// - Returns: `false`, and nothing is changed, if the way leads through an array's missing element or a scalar.
  @discardableResult
  public mutating func set(_ pointer: JSONPointer, to newValue: JSONValue?) -> Bool {
    set(pointer.tokens[...], to: newValue)
  }

  private mutating func set(_ tokens: ArraySlice<String>, to newValue: JSONValue?) -> Bool {
    guard let token = tokens.first else {
      self = newValue ?? .null
      return true
    }
    let rest = tokens.dropFirst()
    switch self {
    case .object, .null:
      if newValue == nil, self[token] == nil { return true }
      var child = self[token] ?? .null
      guard rest.isEmpty || child.set(rest, to: newValue) else { return false }
      self[token] = rest.isEmpty ? newValue : child
      return true
    case .array:
      guard let index = Self.index(token), var child = self[index] else { return false }
      guard rest.isEmpty || child.set(rest, to: newValue) else { return false }
      self[index] = rest.isEmpty ? newValue : child
      return true
    default:
      return false
    }
  }

  private static func index(_ token: String) -> Int? {
    guard token == "0" || token.utf8.first != UInt8(ascii: "0"), token.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else {
      return nil
    }
    return Int(token)
  }
}
