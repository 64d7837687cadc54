/// Any JSON value, for what must come out as it went in: the order of members and the text of numbers are kept.
///
/// Write one with literals, read one with subscripts that yield `nil` where something is not there:
///
/// ```swift
/// let patch: JSONValue = ["spec": ["paused": true]]
/// let replicas = deployment["spec"]?["replicas"]?.int64
/// ```
///
/// `==` is exact (order, text of numbers); ``isSemanticallyEqual(to:)`` compares what the values mean.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// Parses one JSON text.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var cursor = JSONCursor(bytes.span)
    self = try cursor.readValue()
    try cursor.finish()
  }

  /// Parses one JSON text.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  public static func == (first: JSONValue, second: JSONValue) -> Bool {
    switch (first, second) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.number(let one), .number(let other)): one == other
    case (.string(let one), .string(let other)): JSONString.isSame(one, other)
    case (.array(let one), .array(let other)): one == other
    case (.object(let one), .object(let other)): one == other
    default: false
    }
  }

  /// Whether both mean the same: members in any order, numbers by value.
  public func isSemanticallyEqual(to other: JSONValue) -> Bool {
    switch (self, other) {
    case (.number(let one), .number(let other)):
      return one.isSameValue(as: other)
    case (.array(let one), .array(let other)):
      return one.count == other.count && zip(one, other).allSatisfy { $0.isSemanticallyEqual(to: $1) }
    case (.object(let one), .object(let other)):
      guard one.count == other.count else { return false }
      return zip(one.sortedByKey, other.sortedByKey).allSatisfy {
        JSONString.isSame($0.key, $1.key) && $0.value.isSemanticallyEqual(to: $1.value)
      }
    default:
      return self == other
    }
  }
}

extension JSONValue {
  /// The kind of this value.
  public var kind: JSONKind {
    switch self {
    case .null: .null
    case .bool: .bool
    case .number: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }

  public var isNull: Bool { self == .null }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  public var number: JSONNumber? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The number if it is integral and fits.
  public var int64: Int64? { number?.int64 }

  /// The number if it is integral and fits.
  public var int: Int? { int64.flatMap { Int(exactly: $0) } }

  /// The number, rounded to the nearest `Double`.
  public var double: Double? { number?.double }

  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// A member of an object; `nil` for anything else. Setting one on a value that is not an object makes it an object.
  public subscript(key: String) -> JSONValue? {
    get { object?[key] }
    set {
      var members = object ?? JSONObject()
      // Lets go of the second reference, so that the change does not copy all members.
      self = .null
      members[key] = newValue
      self = .object(members)
    }
  }

  /// An element of an array; `nil` for anything else and outside its bounds. Setting one outside changes nothing.
  public subscript(index: Int) -> JSONValue? {
    get {
      guard let array, array.indices.contains(index) else { return nil }
      return array[index]
    }
    set {
      guard var elements = array, elements.indices.contains(index) else { return }
      self = .null
      if let newValue { elements[index] = newValue } else { elements.remove(at: index) }
      self = .array(elements)
    }
  }
}

extension JSONObject {
  var sortedByKey: [Member] {
    sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
  public init(floatLiteral value: Double) { self.init(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
  }

  public init(_ value: some BinaryInteger) { self = .number(JSONNumber(value)) }
  /// `null` for infinities and NaN, which JSON cannot write.
  public init(_ value: Double) { self = JSONNumber(value).map { .number($0) } ?? .null }
  public init(_ value: String) { self = .string(value) }
  public init(_ value: Bool) { self = .bool(value) }
  public init(_ values: [String: String]) {
    self = .object(JSONObject(values.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .string($0.value)) }))
  }
}
