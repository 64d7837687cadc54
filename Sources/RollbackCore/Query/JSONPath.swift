/// A way to one value of a JSON document: `$.rate`, `$.items[0].value`, `$['a b'].c`.
///
/// RFC 9535 without everything that selects more than one value: members by name or quoted name, elements by index.
/// Whoever has the document walks ``steps`` from its top; where one leads nowhere, there is no value.
public struct JSONPath: Hashable, Sendable {
  /// One way down.
  public enum Step: Hashable, Sendable {
    case member(String)
    /// Counted from 0.
    case index(Int)
  }

  /// The longest path, in bytes of UTF-8.
  public static let longestText = 512
  /// The most steps.
  public static let mostSteps = 32

  /// As it was written.
  public let text: String
  /// From the top of the document; empty for the document itself (`$`).
  public let steps: [Step]

  /// Parses a path.
  public init(_ text: String) throws(JSONPathError) {
    self.text = text
    steps = try JSONPathParser.steps(of: text)
  }
}

/// Why a text is no path.
public struct JSONPathError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where, counted in characters from one.
  public let position: Int
  /// One sentence with the place and what to write.
  public let description: String

  init(at position: Int, _ problem: String) {
    self.position = position
    description = "the JSON path is wrong at character \(position): \(problem)"
  }
}

extension JSONPath: CustomStringConvertible {
  public var description: String { text }
}

extension JSONPath: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(JSONPathError) {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
