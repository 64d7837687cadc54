public import FoundationEssentials

/// A length of time as people write it in a policy: `90s`, `2m`, `1h30m`, `250ms`.
///
/// The grammar is Go's `time.ParseDuration`, which is what every other Kubernetes API takes, without signs, without
/// units below a millisecond and always with a unit; the longest is 720 hours (30 days).
public struct PolicyDuration: Hashable, Sendable, Comparable {
  /// Length in milliseconds; never negative.
  public var milliseconds: Int64

  /// The longest duration a policy may hold: 720 hours.
  public static let longest = PolicyDuration(milliseconds: 720 * 3_600_000)

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// Parses a duration; `nil` when `text` is not one or is longer than ``longest``.
  public init?(_ text: String) {
    var total: Double = 0
    var rest = Substring(text)
    guard !rest.isEmpty, rest.utf8.count <= 32 else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard number.isPlainDecimal(wholeDigits: 6), let value = Double(number) else { return nil }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let factor = Self.factor(of: unit) else { return nil }
      total += value * factor
    }
    guard total.isFinite, total <= Double(Self.longest.milliseconds) else { return nil }
    self.init(milliseconds: Int64(total.rounded()))
  }

  private static func factor(of unit: Substring) -> Double? {
    switch unit {
    case "ms": 1
    case "s": 1_000
    case "m": 60_000
    case "h": 3_600_000
    default: nil
    }
  }

  /// A duration of whole seconds.
  public static func seconds(_ seconds: Int64) -> PolicyDuration { PolicyDuration(milliseconds: seconds * 1_000) }
  /// A duration of whole minutes.
  public static func minutes(_ minutes: Int64) -> PolicyDuration { .seconds(minutes * 60) }

  /// The same length as Foundation counts it, in seconds.
  public var timeInterval: TimeInterval { Double(milliseconds) / 1_000 }

  /// The time between two instants, rounded to milliseconds; zero when `end` is before `start`.
  public init(from start: Date, to end: Date) {
    let seconds = end.timeIntervalSince(start)
    let bounded = min(max(seconds, 0), Self.longest.timeInterval)
    self.init(milliseconds: bounded.isFinite ? Int64((bounded * 1_000).rounded()) : 0)
  }

  public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
}

extension PolicyDuration: CustomStringConvertible {
  /// The shortest text that parses to the same length; below ten seconds with tenths or milliseconds, above without.
  public var description: String {
    guard milliseconds > 0 else { return "0s" }
    guard milliseconds >= 1_000 else { return "\(milliseconds)ms" }
    var text = ""
    let hours = milliseconds / 3_600_000
    let minutes = milliseconds / 60_000 % 60
    let seconds = milliseconds / 1_000 % 60
    let fraction = milliseconds % 1_000
    if hours > 0 { text += "\(hours)h" }
    if minutes > 0 { text += "\(minutes)m" }
    if fraction > 0 {
      var digits = String(fraction + 1_000).dropFirst()
      while digits.last == "0" { digits = digits.dropLast() }
      text += "\(seconds).\(digits)s"
    } else if seconds > 0 {
      text += "\(seconds)s"
    }
    return text
  }
}

extension PolicyDuration: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = PolicyDuration(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text.prefix(40))\" is not a duration; write for example 90s, 2m or 1h30m")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
