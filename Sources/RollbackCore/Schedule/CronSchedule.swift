/// A timetable in the five fields of cron: minute, hour, day of month, month, day of week; in the dialect that
/// Kubernetes' CronJobs take (`github.com/robfig/cron` v3), and 7 for Sunday besides.
///
/// As in every cron, where both days are restricted one of them is enough.
public struct CronSchedule: Hashable, Sendable {
  /// As it was written.
  public let text: String

  let minutes: Set<Int>
  let hours: Set<Int>
  let days: Set<Int>
  let months: Set<Int>
  /// 0 is Sunday.
  let weekdays: Set<Int>
  private let restrictsDays: Bool
  private let restrictsWeekdays: Bool

  /// - Throws: what is wrong, and what to write instead.
  public init(_ text: String) throws(CronScheduleError) {
    let named = Self.names[text.lowercased()] ?? text
    let fields = named.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard fields.count == 5 else {
      throw CronScheduleError(
        "it has \(fields.count) fields, not the five of minute, hour, day of month, month and day of week")
    }
    self.text = text
    minutes = try CronField(name: "minute", range: 0...59).values(fields[0])
    hours = try CronField(name: "hour", range: 0...23).values(fields[1])
    days = try CronField(name: "day of month", range: 1...31).values(fields[2])
    months = try CronField(name: "month", range: 1...12, names: Self.monthNames).values(fields[3])
    weekdays = Set(
      try CronField(name: "day of week", range: 0...7, names: Self.weekdayNames).values(fields[4]).map { $0 % 7 })
    restrictsDays = !fields[2].hasPrefix("*") && !fields[2].hasPrefix("?")
    restrictsWeekdays = !fields[4].hasPrefix("*") && !fields[4].hasPrefix("?")
    guard months.contains(where: { month in days.contains { $0 <= Self.longest[month - 1] } }) || restrictsWeekdays
    else { throw CronScheduleError("no such day of the month exists in any of its months") }
  }

  /// Whether something is due on this day at all.
  func includes(_ day: CivilDay) -> Bool {
    guard months.contains(day.month) else { return false }
    let (isDay, isWeekday) = (days.contains(day.day), weekdays.contains(day.weekday))
    return restrictsDays && restrictsWeekdays ? isDay || isWeekday : isDay && isWeekday
  }

  private static let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  private static let monthNames = [
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
  ]
  private static let weekdayNames = ["sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6]
  private static let names = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]
}

extension CronSchedule: Codable, CustomStringConvertible {
  public var description: String { text }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    do throws(CronScheduleError) {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: error.description))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// Why a text is no timetable.
public struct CronScheduleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence that says what is wrong and what to write.
  public var description: String

  init(_ problem: String) {
    description = "\(problem); write five fields as for a CronJob, such as `0 22 * * *` or `*/30 8-17 * * MON-FRI`"
  }
}
