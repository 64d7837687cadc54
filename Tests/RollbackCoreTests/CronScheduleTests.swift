import Foundation  // the time zones of the tz database
import RollbackCore
import Testing

@Suite("A timetable names moments as Kubernetes' CronJobs have them")
struct CronScheduleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var at: String
    var after: String
    var zone = "UTC"
    var next: String?

    var testDescription: String { "\(at) after \(after) in \(zone)" }
  }

  static let cases: [Case] = [
    Case(at: "0 22 * * *", after: "2026-01-01T10:00:00Z", next: "2026-01-01T22:00:00Z"),
    Case(at: "0 22 * * *", after: "2026-01-01T22:00:00Z", next: "2026-01-02T22:00:00Z"),
    Case(at: "0 22 * * *", after: "2026-01-01T21:59:59Z", next: "2026-01-01T22:00:00Z"),
    Case(at: "*/15 * * * *", after: "2026-01-01T10:01:00Z", next: "2026-01-01T10:15:00Z"),
    Case(at: "5/20 * * * *", after: "2026-01-01T10:26:00Z", next: "2026-01-01T10:45:00Z"),
    Case(at: "30 8-17/3 * * MON-FRI", after: "2026-01-02T17:31:00Z", next: "2026-01-05T08:30:00Z"),
    Case(at: "0 0 29 2 *", after: "2026-01-01T00:00:00Z", next: "2028-02-29T00:00:00Z"),
    Case(at: "0 0 31 * *", after: "2026-03-31T00:00:00Z", next: "2026-05-31T00:00:00Z"),
    // Where both days are restricted, one of them is enough; where one begins with a star, both must fit.
    Case(at: "0 0 13 * FRI", after: "2026-01-01T00:00:00Z", next: "2026-01-02T00:00:00Z"),
    Case(at: "0 0 13 * *", after: "2026-01-01T00:00:00Z", next: "2026-01-13T00:00:00Z"),
    Case(at: "0 0 * * 7", after: "2026-01-01T00:00:00Z", next: "2026-01-04T00:00:00Z"),
    Case(at: "@weekly", after: "2026-01-01T00:00:00Z", next: "2026-01-04T00:00:00Z"),
    Case(at: "0 0 1 jan,JUL ?", after: "2026-01-01T00:00:00Z", next: "2026-07-01T00:00:00Z"),
    Case(at: "0 22 * * *", after: "2026-01-01T10:00:00Z", zone: "Europe/Berlin", next: "2026-01-01T21:00:00Z"),
    Case(at: "0 22 * * *", after: "2026-07-01T10:00:00Z", zone: "Europe/Berlin", next: "2026-07-01T20:00:00Z"),
    Case(at: "0 3 * * *", after: "2026-01-01T00:00:00Z", zone: "Asia/Kolkata", next: "2026-01-01T21:30:00Z"),
    // The clocks of Berlin go from 2 to 3 on 2026-03-29, and from 3 to 2 on 2026-10-25.
    Case(at: "30 2 * * *", after: "2026-03-28T12:00:00Z", zone: "Europe/Berlin", next: "2026-03-30T00:30:00Z"),
    Case(at: "30 2 * * *", after: "2026-10-24T12:00:00Z", zone: "Europe/Berlin", next: "2026-10-25T00:30:00Z"),
    Case(at: "30 2 * * *", after: "2026-10-25T00:30:00Z", zone: "Europe/Berlin", next: "2026-10-26T01:30:00Z"),
    Case(at: "0 0 30 2 1", after: "2026-01-01T00:00:00Z", next: "2026-02-02T00:00:00Z"),
    Case(at: "0 12 * * *", after: "1960-02-28T12:00:00Z", next: "1960-02-29T12:00:00Z"),
  ]

  @Test("The next moment", arguments: cases)
  func next(this: Case) throws {
    let zone = try #require(TimeZone(identifier: this.zone))
    let after = try Date(this.after, strategy: .iso8601)
    let next = try CronSchedule(this.at).next(after: after, in: zone)
    #expect(next?.formatted(.iso8601) == this.next)
  }

  @Test("Each next moment is later, and none in between fits")
  func ascending() throws {
    let zone = try #require(TimeZone(identifier: "America/New_York"))
    let schedule = try CronSchedule("7,37 */5 * * *")
    var moment = try Date("2026-10-31T00:00:00Z", strategy: .iso8601)
    for _ in 0..<40 {
      let next = try #require(schedule.next(after: moment, in: zone))
      #expect(next > moment && next.timeIntervalSince(moment) <= 6 * 3_600)
      #expect(schedule.next(after: next.addingTimeInterval(-1), in: zone) == next)
      moment = next
    }
  }

  static let wrong: [(text: String, says: String)] = [
    ("", "0 fields"), ("0 22 * *", "4 fields"), ("0 22 * * * *", "6 fields"), ("60 * * * *", "`60` is no minute"),
    ("* 24 * * *", "no hour from 0 to 23"), ("* * 0 * *", "no day of month"), ("* * * 13 *", "no month"),
    ("* * * * 8", "no day of week"), ("*/0 * * * *", "`*/0` is no minute"), ("5-1 * * * *", "no minute"),
    (", * * * *", "no minute"), ("1,,2 * * * *", "no minute"), ("a * * * *", "no minute"), ("+1 * * * *", "no minute"),
    ("0 0 30 2 *", "no such day"), ("@every 5m", "2 fields"), ("@never", "1 fields"),
    ("99999999999999999999 * * * *", "no minute"),
  ]

  @Test("What is no timetable is refused with a remedy", arguments: wrong)
  func refused(text: String, says: String) {
    let error = #expect(throws: CronScheduleError.self) { try CronSchedule(text) }
    let sentence = error?.description ?? ""
    #expect(sentence.contains(says) && sentence.contains("write five fields"), "\(sentence)")
  }
}
