public import FoundationEssentials

/// Dates and times as the Kubernetes API writes them: RFC 3339, in UTC.
public enum Timestamp {
  /// As `metav1.Time` wants it, without fraction: `2026-01-02T03:04:05Z`.
  public static func seconds(_ date: Date) -> String {
    let micros = microseconds(date)
    return String(decoding: civil(micros.second), as: UTF8.self) + "Z"
  }

  /// As `metav1.MicroTime` wants it, with exactly six fractional digits: `2026-01-02T03:04:05.000006Z`.
  public static func micros(_ date: Date) -> String {
    let micros = microseconds(date)
    var text = civil(micros.second)
    text.append(UInt8(ascii: "."))
    appendDigits(micros.fraction, 6, to: &text)
    return String(decoding: text, as: UTF8.self) + "Z"
  }

  /// Reads `2026-01-02T03:04:05Z`, with or without fraction, in UTC or with an offset as `+02:00`.
  public static func date(_ text: String) -> Date? {
    date(Array(text.utf8).span)
  }

  static func date(_ text: Span<UInt8>) -> Date? {
    guard text.count >= 20, text.count <= 40, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
      let year = number(text, 0, 4), let month = number(text, 5, 2), let day = number(text, 8, 2),
      let hour = number(text, 11, 2), let minute = number(text, 14, 2), let second = number(text, 17, 2),
      1...12 ~= month, 1...daysIn(month, of: year) ~= day, hour < 24, minute < 60, second < 60
    else { return nil }
    var index = 19
    var fraction = 0.0
    if text[index] == UInt8(ascii: ".") {
      index &+= 1
      var scale = 0.1
      let start = index
      while index < text.count, let digit = number(text, index, 1) {
        fraction += Double(digit) * scale
        scale /= 10
        index &+= 1
      }
      guard index > start else { return nil }
    }
    guard let offset = zone(text, at: index) else { return nil }
    let days = daysSince2001(year, month, day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    return Date(timeIntervalSinceReferenceDate: Double(seconds) + fraction)
  }

  private static func zone(_ text: Span<UInt8>, at index: Int) -> Int? {
    guard index < text.count else { return nil }
    if text[index] == UInt8(ascii: "Z") { return index + 1 == text.count ? 0 : nil }
    guard text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-"), index + 6 == text.count,
      text[index + 3] == UInt8(ascii: ":"), let hours = number(text, index + 1, 2),
      let minutes = number(text, index + 4, 2), hours < 24, minutes < 60
    else { return nil }
    return (text[index] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3_600 + minutes * 60)
  }

  private static func number(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
    guard start &+ count <= text.count else { return nil }
    var value = 0
    for index in start..<start &+ count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }

  private static func daysIn(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days of the Gregorian calendar, with years that begin in March so that the leap day comes last.
  private static func daysSince2001(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    // 730_791 days from 0000-03-01 to 2001-01-01.
    return shifted * 365 + floorDivide(shifted, 4) - floorDivide(shifted, 100) + floorDivide(shifted, 400) + dayOfYear
      - 730_791
  }

  private static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  /// The first and the last whole second that four digits of year can write, counted from 2001.
  private static let writable = -63_113_904_000.0...252_423_993_599.0

  private static func microseconds(_ date: Date) -> (second: Int, fraction: Int) {
    let interval = date.timeIntervalSinceReferenceDate
    let clamped = interval.isNaN ? 0 : min(max(interval, writable.lowerBound), writable.upperBound)
    let whole = clamped.rounded(.down)
    let second = Int(exactly: whole) ?? 0
    let fraction = Int(exactly: ((clamped - whole) * 1_000_000).rounded()) ?? 0
    return fraction < 1_000_000 ? (second, fraction) : (second + 1, 0)
  }

  private static func civil(_ secondsSince2001: Int) -> [UInt8] {
    let days = floorDivide(secondsSince2001, 86_400)
    let second = secondsSince2001 - days * 86_400
    let shifted = days + 730_791
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    var text: [UInt8] = []
    text.reserveCapacity(32)
    appendDigits(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4, to: &text)
    text.append(UInt8(ascii: "-"))
    appendDigits(month, 2, to: &text)
    text.append(UInt8(ascii: "-"))
    appendDigits(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2, to: &text)
    text.append(UInt8(ascii: "T"))
    appendDigits(second / 3_600, 2, to: &text)
    text.append(UInt8(ascii: ":"))
    appendDigits(second / 60 % 60, 2, to: &text)
    text.append(UInt8(ascii: ":"))
    appendDigits(second % 60, 2, to: &text)
    return text
  }

  private static func appendDigits(_ value: Int, _ count: Int, to text: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<count { divisor *= 10 }
    while divisor > 0 {
      text.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / divisor % 10))
      divisor /= 10
    }
  }
}
