/// A limit as people write it: a share of the whole (`50%`) or a count (`3` or `"3"`).
public enum Threshold: Hashable, Sendable {
  /// A share of the whole in percent, from 0 to less than 100: nothing could ever be above the whole.
  case percent(Double)
  /// A number of pods.
  case count(Int64)

  /// Parses `50%`, `12.5%` or `3`; `nil` for anything else.
  public init?(_ text: String) {
    if text.hasSuffix("%") {
      let number = text.dropLast()
      guard number.isPlainDecimal(wholeDigits: 2), let value = Double(number) else { return nil }
      self = .percent(value)
    } else {
      guard !text.contains("."), Substring(text).isPlainDecimal(wholeDigits: 6), let value = Int64(text) else {
        return nil
      }
      self = .count(value)
    }
  }

  /// Whether `part` of `whole` is above this limit. Nothing is above a share of nothing.
  public func isExceeded(by part: Int, of whole: Int) -> Bool {
    switch self {
    case .percent(let limit): whole > 0 && Double(part) * 100 > limit * Double(whole)
    case .count(let limit): Int64(part) > limit
    }
  }

  /// `part` of `whole` in the unit of this limit, for people: `67%` or `2`.
  public func describe(_ part: Int, of whole: Int) -> String {
    switch self {
    case .percent:
      // Beyond a million only that it is too much matters, and an `Int` must hold it.
      whole > 0 ? "\(Int(min(max(Double(part) * 100 / Double(whole), 0), 1_000_000).rounded()))%" : "0%"
    case .count: "\(part)"
    }
  }
}

extension Threshold: CustomStringConvertible {
  public var description: String {
    switch self {
    case .percent(let value) where value == value.rounded(): "\(Int(value))%"
    case .percent(let value): "\(value)%"
    case .count(let value): "\(value)"
    }
  }
}

extension Threshold: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text: String
    if let number = try? container.decode(Int64.self) {
      text = String(number)
    } else {
      text = try container.decode(String.self)
    }
    guard let value = Threshold(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text.prefix(40))\" is not a threshold; write for example \"50%\" or 3")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .percent: try container.encode(description)
    case .count(let value): try container.encode(value)
    }
  }
}
