/// A limit of a metric as people write it: `5%`, `0.05`, `90`, `500ms`, `1.5s`, `2m`, `20/min`, `3/s`.
///
/// Metrics come in base units: shares of one, seconds, events per second. So `5%` is 0.05, `500ms` is 0.5 and `20/min`
/// is a third. In YAML an integer may stand without quotes.
public struct Measure: Hashable, Sendable {
  /// In base units; always finite.
  public let value: Double
  /// What a value is described in.
  public let unit: Unit
  /// As it was written.
  public let text: String

  /// What is written after the number.
  public enum Unit: String, Hashable, Sendable, CaseIterable {
    case none = ""
    case percent = "%"
    case milliseconds = "ms"
    case seconds = "s"
    case minutes = "m"
    case hours = "h"
    case perSecond = "/s"
    case perMinute = "/min"
    case perHour = "/h"

    /// How often the base unit is in this one, as two factors so that both directions are exact: `5%` is 5 / 100.
    fileprivate var scale: (times: Double, over: Double) {
      switch self {
      case .none, .seconds, .perSecond: (1, 1)
      case .percent: (1, 100)
      case .milliseconds: (1, 1_000)
      case .minutes: (60, 1)
      case .hours: (3_600, 1)
      case .perMinute: (1, 60)
      case .perHour: (1, 3_600)
      }
    }
  }

  /// The most digits of a number: what a `Double` tells apart.
  static let mostDigits = 15

  /// Parses a limit.
  public init(_ text: String) throws(MeasureError) {
    let number = text.prefix { $0.isASCII && ($0.isNumber || ".-+_".contains($0)) }
    let suffix = text.dropFirst(number.count)
    guard number.contains(where: \.isNumber) else { throw MeasureError(.noNumber, text) }
    let digits = number.first == "-" ? number.dropFirst() : number
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) else {
      throw MeasureError(.wrongNumber, text)
    }
    guard parts.reduce(0, { $0 + $1.count }) <= Self.mostDigits else { throw MeasureError(.tooManyDigits, text) }
    guard let unit = Unit(rawValue: String(suffix)) else { throw MeasureError(.unknownUnit, text) }
    guard let value = Double(number), value.isFinite else { throw MeasureError(.wrongNumber, text) }
    self.value = value * unit.scale.times / unit.scale.over
    self.unit = unit
    self.text = text
  }

  /// Nothing, in any unit.
  public static let zero = Measure(0)

  /// A limit without a unit.
  public init(_ count: Int) {
    value = Double(count)
    unit = .none
    text = String(count)
  }

  /// A value in the unit of this limit, with three significant digits: `7.9%`, `512ms`, `23/min`.
  public func describe(_ value: Double) -> String {
    guard !value.isNaN else { return "NaN" }
    guard value.isFinite else { return value > 0 ? "+Inf" : "-Inf" }
    let scaled = value * unit.scale.over / unit.scale.times
    // Only near the end of what a `Double` holds; the value itself still says how much it is.
    guard scaled.isFinite else { return SignificantDigits.text(value) }
    return SignificantDigits.text(scaled) + unit.rawValue
  }
}

/// Why a text is no limit.
public struct MeasureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// For the program to branch on.
  public enum Code: Hashable, Sendable {
    case noNumber
    /// An exponent, a sign other than one minus, digits missing around the point, and the like.
    case wrongNumber
    case tooManyDigits
    case unknownUnit
  }

  public let code: Code
  /// One sentence that says what to write.
  public let description: String

  init(_ code: Code, _ text: String) {
    self.code = code
    let shown = String(text.unicodeScalars.filter { (0x20..<0x7f).contains($0.value) }.prefix(40).map(Character.init))
    let reason =
      switch code {
      case .noNumber: "does not begin with a number"
      case .wrongNumber: "is not written with digits and one point alone"
      case .tooManyDigits: "has more than \(Measure.mostDigits) digits"
      case .unknownUnit: "has an unknown unit (known are % ms s m h /s /min /h, without a blank before them)"
      }
    description = "\"\(shown)\" \(reason); write for example \"5%\", 0.05, 90, 500ms, 1.5s or 20/min"
  }
}

extension Measure: CustomStringConvertible {
  public var description: String { text }
}

extension Measure: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text: String
    if let number = try? container.decode(Int64.self) {
      text = String(number)
    } else {
      text = try container.decode(String.self)
    }
    do throws(MeasureError) {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let number = Int64(text), String(number) == text {
      try container.encode(number)
    } else {
      try container.encode(text)
    }
  }
}
