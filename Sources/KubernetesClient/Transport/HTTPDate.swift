public import FoundationEssentials

/// Dates as HTTP header fields have them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

  /// Whole seconds; a fraction is cut off.
  public static func text(_ date: Date) -> String {
    let days = Int64((date.timeIntervalSince1970 / 86_400).rounded(.down))
    let parts = Timestamp.seconds(date).split { "-T:Z".contains($0) }
    guard parts.count == 6, let month = Int(parts[1]), 1...12 ~= month else { return "" }
    let weekday = weekdays[Int(((days % 7) + 7) % 7)]
    return "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
  }

  /// Reads the preferred format; `nil` for any other, which no API server sends.
  public static func date(_ text: String) -> Date? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[5] == "GMT", parts[1].utf8.count == 2, parts[3].utf8.count == 4,
      let month = months.firstIndex(where: { $0 == parts[2] })
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    return Timestamp.date("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
  }
}
