/// Why bytes could not be read as the JSON that was expected.
public struct JSONError: Error, Sendable, Equatable {
  /// What to switch on.
  public enum Reason: Sendable, Equatable {
    /// The text ends inside a value.
    case unexpectedEnd
    /// A byte that JSON does not allow at this place.
    case unexpectedByte(UInt8)
    /// Objects and arrays are nested deeper than ``JSONCursor/maximumDepth``.
    case tooDeep
    /// A number that does not fit the wanted type, or is not integral where an integer is wanted.
    case numberOutOfRange
    /// A number that JSON's grammar does not allow.
    case invalidNumber
    /// A string with an unknown escape or a raw control character.
    case invalidString
    /// A string that should be a date and time as of RFC 3339, but is not.
    case invalidTimestamp
    /// A value of another kind than the field has.
    case wrongType(expected: JSONKind, found: JSONKind)
    /// A value, a number or an object larger than its cap.
    case tooLarge
    /// A member that the type cannot do without is not there.
    case missing(String)
    /// A value of the right kind that the type refuses; the text says why.
    case invalidValue(String)
  }

  /// The byte at which reading stopped, counted from the start of the bytes given to the cursor.
  public var offset: Int
  public var reason: Reason
  /// Where in the object the value stands, as `spec.replicas`; empty when not known.
  public var path: String

  public init(offset: Int, reason: Reason, path: String = "") {
    self.offset = offset
    self.reason = reason
    self.path = path
  }
}

/// The six kinds of JSON values.
public enum JSONKind: String, Sendable {
  case object
  case array
  case string
  case number
  case bool
  case null
}

extension JSONError: CustomStringConvertible {
  public var description: String {
    path.isEmpty ? "\(reason) (at byte \(offset))" : "\(path): \(reason)"
  }
}

extension JSONError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unexpectedEnd: "the JSON text ends in the middle of a value"
    case .unexpectedByte(let byte):
      byte > 0x20 && byte < 0x7f
        ? "unexpected character \"\(Character(Unicode.Scalar(byte)))\" in JSON text"
        : "unexpected byte \(byte) in JSON text"
    case .tooDeep: "objects and arrays are nested deeper than \(JSONCursor.maximumDepth)"
    case .numberOutOfRange: "the number does not fit"
    case .invalidNumber: "not a JSON number"
    case .invalidString: "not a JSON string: unknown escape or raw control character"
    case .invalidTimestamp: "not a date and time as of RFC 3339"
    case .wrongType(let expected, let found): "expected \(expected.rawValue), found \(found.rawValue)"
    case .tooLarge: "larger than what is read"
    case .missing(let name): "\(name) is missing"
    case .invalidValue(let why): why
    }
  }
}
