import FoundationEssentials

/// The bridge to `Codable`, for small and rare objects: custom resources, discovery.
///
/// Dates are read with or without fraction, and written with one only if they have one.
///
/// Caveat: what goes through `Codable` loses the order of members and the text of numbers, also if it is a
/// ``JSONValue``. What must come out as it went in is read with ``JSONCursor/readValue()``.
extension JSONValue {
  /// Encodes a value.
  public init(encoding value: some Encodable) throws(JSONError) {
    let data: Data
    do {
      data = try Self.makeEncoder().encode(value)
    } catch {
      throw JSONError(offset: 0, reason: .invalidValue("cannot be written as JSON: \(error)"))
    }
    try self.init(parsing: Array(data))
  }

  /// Decodes this value.
  public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(JSONError) -> Value {
    try Self.decode(type, from: serialized())
  }

  /// Decodes a value from its JSON text.
  public static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: [UInt8]
  ) throws(JSONError) -> Value {
    do {
      return try makeDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw JSONError(error)
    } catch let error as JSONError {
      throw error
    } catch {
      throw JSONError(offset: 0, reason: .invalidValue(OneLine.text("\(error)", limit: 2 * OneLine.shortLimit)))
    }
  }

  private static func makeEncoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      // Journals measure in milliseconds; whole seconds stay as `metav1.Time` writes them.
      let interval = date.timeIntervalSinceReferenceDate
      let whole = Date(timeIntervalSinceReferenceDate: interval.rounded())
      let isWhole = abs(date.timeIntervalSince(whole)) < 0.000_5
      try container.encode(isWhole ? Timestamp.seconds(whole) : Timestamp.micros(date))
    }
    return encoder
  }

  private static func makeDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      guard let date = Timestamp.date(try container.decode(String.self)) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: JSONError.Reason.invalidTimestamp.description)
      }
      return date
    }
    return decoder
  }
}

extension JSONCursor {
  /// Reads the next value through `Codable`.
  public mutating func read<Value: Decodable>(_ type: Value.Type = Value.self) throws(JSONError) -> Value {
    skipWhitespace()
    let start = offset
    let raw = try readRaw()
    do throws(JSONError) {
      return try JSONValue.decode(type, from: raw)
    } catch {
      throw JSONError(offset: start, reason: error.reason, path: error.path)
    }
  }
}

extension JSONError {
  fileprivate init(_ error: DecodingError) {
    let context: DecodingError.Context
    var reason: Reason?
    switch error {
    case .keyNotFound(let key, let found):
      context = found
      reason = .missing(key.stringValue)
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
      context = found
    @unknown default:
      context = .init(codingPath: [], debugDescription: "\(error)")
    }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    // Keys and values of the object stand in both.
    let why = OneLine.text(context.debugDescription, limit: 2 * OneLine.shortLimit)
    self.init(
      offset: 0, reason: reason ?? .invalidValue(why), path: OneLine.text(path, limit: OneLine.shortLimit))
  }
}

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .number(JSONNumber(value))
    } else if let value = try? container.decode(Decimal.self), let number = JSONNumber(text: value.description) {
      self = .number(number)
    } else if let elements = try? container.decode([JSONValue].self) {
      self = .array(elements)
    } else {
      let members = try container.decode([String: JSONValue].self)
      self = .object(JSONObject(members.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) }))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let elements): try container.encode(elements)
    case .object(let members):
      try container.encode(Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
    case .number(let number):
      if let value = number.int64 {
        try container.encode(value)
      } else if let value = Decimal(string: number.text) {
        try container.encode(value)
      } else {
        try container.encode(number.double)
      }
    }
  }
}
