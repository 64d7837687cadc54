/// Reads JSON step by step out of bytes that it does not own.
///
/// The caller says what it expects; the cursor checks it and moves on:
///
/// ```swift
/// try cursor.beginObject()
/// while let key = try cursor.nextMember() {
///   switch key {
///   case "replicas": replicas = try cursor.readIntIfPresent()
///   default: try cursor.skip()
///   }
/// }
/// ```
///
/// Guarantees: no input makes it trap; every access is bounds-checked; nesting deeper than ``maximumDepth`` and numbers
/// longer than ``maximumNumberLength`` are errors; what is skipped is validated as well. Invalid UTF-8 and lone
/// surrogates become U+FFFD. Of members with the same key callers that assign see the last one win.
///
/// Caveats: after an error the place of the cursor means nothing unless ``position`` is set back. The value of each
/// member must be read or skipped before the next.
public struct JSONCursor: ~Escapable {
  /// How many objects and arrays may be open at once.
  public static var maximumDepth: Int { 128 }
  /// How many bytes the text of one number may have.
  public static var maximumNumberLength: Int { 64 }

  let bytes: Span<UInt8>
  var offset = 0
  var depth = 0
  /// The last step opened an object or array, so that no comma precedes what comes next.
  var isAtStart = false

  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
  }

  /// A place to come back to, valid for the cursor that it was taken from.
  public struct Position: Sendable, Equatable {
    var offset: Int
    var depth: Int
    var isAtStart: Bool

    /// Bytes before this place.
    public var byteOffset: Int { offset }
  }

  /// Where the cursor stands; setting it goes back, or forth, to a place it has been at.
  public var position: Position {
    get { Position(offset: offset, depth: depth, isAtStart: isAtStart) }
    set {
      offset = min(max(newValue.offset, 0), bytes.count)
      depth = newValue.depth
      isAtStart = newValue.isAtStart
    }
  }

  /// The error that a reader throws for a value that it refuses, with the place where the cursor stands.
  public func error(_ reason: JSONError.Reason) -> JSONError {
    JSONError(offset: offset, reason: reason)
  }

  // MARK: Structure

  /// The kind of the next value, judged by its first byte; the cursor stays before it.
  public mutating func peekKind() throws(JSONError) -> JSONKind {
    switch try peekSignificant() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case let byte: throw error(.unexpectedByte(byte))
    }
  }

  /// Steps into an object.
  public mutating func beginObject() throws(JSONError) {
    try begin(UInt8(ascii: "{"), .object)
  }

  /// Steps into an object, or over `null`.
  ///
  /// - Returns: whether there is an object to read.
  public mutating func beginObjectIfPresent() throws(JSONError) -> Bool {
    if try readNullIfPresent() { return false }
    try beginObject()
    return true
  }

  /// Steps into an array.
  public mutating func beginArray() throws(JSONError) {
    try begin(UInt8(ascii: "["), .array)
  }

  /// Steps into an array, or over `null`.
  ///
  /// - Returns: whether there is an array to read.
  public mutating func beginArrayIfPresent() throws(JSONError) -> Bool {
    if try readNullIfPresent() { return false }
    try beginArray()
    return true
  }

  /// Reads the key of the next member of the object that the cursor is in, or steps out of it.
  ///
  /// - Returns: the key, or `nil` at the end of the object.
  @_lifetime(copy self)
  public mutating func nextMember() throws(JSONError) -> JSONKey? {
    guard try advance(to: UInt8(ascii: "}")) else { return nil }
    guard try peekSignificant() == UInt8(ascii: "\"") else { throw error(.unexpectedByte(bytes[offset])) }
    let scan = try scanString()
    guard try peekSignificant() == UInt8(ascii: ":") else { throw error(.unexpectedByte(bytes[offset])) }
    offset &+= 1
    return JSONKey(bytes: bytes.extracting(scan.range), hasEscapes: scan.hasEscapes)
  }

  /// Goes to the next element of the array that the cursor is in, or steps out of it.
  ///
  /// - Returns: whether there is an element to read.
  public mutating func nextElement() throws(JSONError) -> Bool {
    try advance(to: UInt8(ascii: "]"))
  }

  /// Steps over `null` if it comes next.
  public mutating func readNullIfPresent() throws(JSONError) -> Bool {
    guard try peekSignificant() == UInt8(ascii: "n") else { return false }
    try readWord("null")
    return true
  }

  /// Checks that nothing but white space follows.
  public mutating func finish() throws(JSONError) {
    skipWhitespace()
    if offset < bytes.count { throw error(.unexpectedByte(bytes[offset])) }
  }
}

/// The key of a member, not yet copied out of the text.
///
/// Compare it in a `switch` with string literals; ``string`` copies it.
public struct JSONKey: ~Escapable {
  let bytes: Span<UInt8>
  let hasEscapes: Bool

  @_lifetime(copy bytes)
  init(bytes: Span<UInt8>, hasEscapes: Bool) {
    self.bytes = bytes
    self.hasEscapes = hasEscapes
  }

  /// The key as text, escapes resolved.
  public var string: String {
    hasEscapes ? JSONString.unescaped(bytes) : JSONString.text(bytes)
  }

  /// The key as text that shares its storage with equal ones.
  var sharedString: String {
    hasEscapes ? JSONString.unescaped(bytes) : InternTable.shared.string(bytes)
  }

  public static func == (key: borrowing JSONKey, literal: StaticString) -> Bool {
    guard literal.hasPointerRepresentation else { return false }
    if key.hasEscapes { return JSONString.unescaped(key.bytes) == literal.description }
    let count = literal.utf8CodeUnitCount
    guard key.bytes.count == count else { return false }
    let wanted = UnsafeBufferPointer(start: literal.utf8Start, count: count)
    for index in 0..<count where key.bytes[index] != wanted[index] { return false }
    return true
  }

  public static func ~= (literal: StaticString, key: borrowing JSONKey) -> Bool { key == literal }
}
