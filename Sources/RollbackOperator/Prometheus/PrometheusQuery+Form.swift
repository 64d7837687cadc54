import FoundationEssentials
import RollbackCore

extension PrometheusQuery {
  /// The media type of ``form``.
  public static let formType = "application/x-www-form-urlencoded"

  /// The body of a POST, so that neither the length of a query nor what stands in it ends up in a URL.
  public var form: [UInt8] {
    let fields: [(name: String, value: String)] =
      switch self {
      case .instant(let promQL, nil): [("query", promQL)]
      case .instant(let promQL, let time?): [("query", promQL), ("time", Self.seconds(time))]
      case .range(let promQL, let start, let end, let step):
        [
          ("query", promQL), ("start", Self.seconds(start)), ("end", Self.seconds(end)),
          ("step", Self.decimal(milliseconds: max(step.milliseconds, 1))),
        ]
      }
    return Array(fields.map { "\($0.name)=\(Self.percentEncoded($0.value))" }.joined(separator: "&").utf8)
  }

  private static func seconds(_ time: Date) -> String {
    // A time that is no time would trap as an integer; Prometheus refuses what comes of it.
    let seconds = time.timeIntervalSince1970
    let bounded = seconds.isNaN ? 0 : min(max(seconds, 0), 253_402_300_799)
    return decimal(milliseconds: Int64((bounded * 1_000).rounded()))
  }

  private static func decimal(milliseconds: Int64) -> String {
    let fraction = milliseconds % 1_000
    guard fraction > 0 else { return "\(milliseconds / 1_000)" }
    return "\(milliseconds / 1_000).\(String(fraction + 1_000).dropFirst())"
  }

  /// Everything but letters, digits and `-._~` as escapes of its bytes in UTF-8.
  private static func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += (digits.count < 2 ? "%0" : "%") + digits
      }
    }
    return encoded
  }
}
