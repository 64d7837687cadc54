import FoundationEssentials
public import KubernetesClient

/// Where this reader and Foundation's differ on purpose.
public enum JSONDifference: CaseIterable, Sendable {
  /// 128 levels here, 512 there.
  case depth
  /// Numbers have at most 64 bytes here.
  case longNumber
  /// Numbers keep their text here, also those that no `Double` can hold or that it holds as zero.
  case extremeNumber
  /// `0e5` is a number in JSON's grammar; there it is refused.
  case zeroWithExponent
  /// `{"a":1,}` is accepted there, against the grammar.
  case trailingComma
  /// Bytes that are not UTF-8 become U+FFFD here; there the document is refused.
  case invalidUTF8
  /// Half a surrogate pair becomes U+FFFD here; there the document is refused.
  case loneSurrogate
  /// UTF-16 and UTF-32, and a byte order mark, are read there. The API server sends neither.
  case otherEncoding

  /// A text that shows it.
  public var example: [UInt8] {
    switch self {
    case .depth: Array((String(repeating: "[", count: 200) + String(repeating: "]", count: 200)).utf8)
    case .longNumber: Array(("0." + String(repeating: "1", count: 80)).utf8)
    case .extremeNumber: Array("1e-4000".utf8)
    case .zeroWithExponent: Array("0e5".utf8)
    case .trailingComma: Array("{\"a\":1,}".utf8)
    case .invalidUTF8: [0x22, 0xff, 0x22]
    case .loneSurrogate: Array("\"\\ud800\"".utf8)
    case .otherEncoding: [0xef, 0xbb, 0xbf, 0x31]
    }
  }

  /// Whether it is why these bytes are read differently.
  public func explains(_ bytes: [UInt8], _ ours: Result<JSONValue, JSONError>) -> Bool {
    switch (self, ours) {
    case (.depth, .failure(let error)): error.reason == .tooDeep
    case (.longNumber, .failure(let error)): error.reason == .tooLarge
    case (.extremeNumber, .success(let value)):
      value.containsNumber {
        $0.double == nil || $0.double?.isZero == true && $0.text.contains { "123456789".contains($0) }
      }
    case (.zeroWithExponent, .success(let value)):
      value.containsNumber { ["0e", "0E", "-0e", "-0E"].contains(where: $0.text.hasPrefix) }
    case (.trailingComma, .failure(let error)):
      error.reason == .unexpectedByte(UInt8(ascii: "}"))
        && bytes[..<error.offset].last { !Array(" \n\r\t".utf8).contains($0) } == UInt8(ascii: ",")
    case (.invalidUTF8, .success): String(validating: bytes, as: UTF8.self) == nil
    case (.loneSurrogate, .success(let value)): value.description.unicodeScalars.contains("\u{fffd}")
    case (.otherEncoding, .failure): bytes.starts(with: [0xef, 0xbb, 0xbf]) || bytes.prefix(4).contains(0)
    default: false
    }
  }
}

/// One text read both ways.
public struct JSONComparison {
  /// What is wrong; `nil` if both agree or differ on purpose.
  public var failure: String?

  public init(_ bytes: [UInt8]) {
    let ours = Result { () throws(JSONError) in try JSONValue(parsing: bytes) }
    let theirs = try? JSONDecoder().decode(FoundationValue.self, from: Data(bytes))
    switch (ours, theirs) {
    case (.failure, nil): return
    case (.success(let ours), let theirs?):
      // Of members with the same key the last counts here, as for the API server, and the first there.
      if theirs.equals(ours) || JSONTwins.exist(in: bytes, ours) { return }
      failure = "\(ours) is not \(theirs)"
    case (.success, nil): failure = "accepted"
    case (.failure(let error), _?): failure = "refused: \(error)"
    }
    if JSONDifference.allCases.contains(where: { $0.explains(bytes, ours) }) { failure = nil }
  }
}

/// What Foundation finds in a text.
public enum FoundationValue: Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([FoundationValue])
  case object([String: FoundationValue])

  public init(from decoder: any Decoder) throws {
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let value = try? single.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? single.decode(String.self) {
      self = .string(value)
    } else if let elements = try? single.decode([FoundationValue].self) {
      self = .array(elements)
    } else if let members = try? single.decode([String: FoundationValue].self) {
      self = .object(members)
    } else {
      self = .number(try single.decode(Double.self))
    }
  }

  /// Whether this reader found the same.
  public func equals(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.null, .null): return true
    case (.bool(let one), .bool(let other)): return one == other
    case (.number(let one), .number(let other)): return one == other.double
    case (.string(let one), .string(let other)): return one.utf8.elementsEqual(other.utf8)
    case (.array(let one), .array(let other)):
      return one.count == other.count && zip(one, other).allSatisfy { $0.equals($1) }
    case (.object(let one), .object(let other)):
      return one.count == other.count && other.allSatisfy { one[$0.key]?.equals($0.value) ?? false }
    default: return false
    }
  }
}

extension JSONValue {
  fileprivate func containsNumber(_ isMeant: (JSONNumber) -> Bool) -> Bool {
    switch self {
    case .number(let number): isMeant(number)
    case .array(let elements): elements.contains { $0.containsNumber(isMeant) }
    case .object(let members): members.contains { $0.value.containsNumber(isMeant) }
    default: false
    }
  }
}
