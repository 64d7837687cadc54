import FoundationEssentials
import KubernetesClient
import Testing

@Suite("Timestamps")
struct ObjectsTimestampTests {
  @Test(
    "RFC 3339 is read to the same instant as Foundation reads it",
    arguments: [
      "2026-01-02T03:04:05Z", "2000-02-29T23:59:59Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
      "2001-01-01T00:00:00Z",
      "2100-02-28T12:00:00Z", "2024-12-31T00:00:00Z", "9999-12-31T23:59:59Z", "1600-03-01T00:00:00Z",
    ])
  func whole(text: String) throws {
    let expected = try Date(text, strategy: .iso8601)
    let date = try #require(Timestamp.date(text))
    #expect(date == expected)
    #expect(Timestamp.seconds(date) == text)
    #expect(Timestamp.micros(date) == text.dropLast() + ".000000Z")
  }

  @Test("Random instants go both ways, to the microsecond")
  func random() throws {
    var random = SplitMix64(state: 1)
    for _ in 0..<2_000 {
      let second = Int.random(in: -10_000_000_000...10_000_000_000, using: &random)
      let date = Date(timeIntervalSinceReferenceDate: Double(second))
      #expect(Timestamp.date(Timestamp.seconds(date)) == date)
      #expect(Timestamp.seconds(date) == date.formatted(.iso8601))
      let micros = "2026-07-31T12:00:59.\(String(Int.random(in: 100_000...999_999, using: &random)))Z"
      #expect(try Timestamp.micros(#require(Timestamp.date(micros))) == micros)
    }
  }

  @Test(
    "Fractions and offsets",
    arguments: [
      ("2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500000Z"),
      ("2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000001Z"),
      ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123457Z"),
      ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000000Z"),
      ("2026-01-02T03:04:05.25-00:30", "2026-01-02T03:34:05.250000Z"),
      ("2025-12-31T23:59:59.9999999Z", "2026-01-01T00:00:00.000000Z"),
    ])
  func fraction(text: String, expected: String) throws {
    #expect(try Timestamp.micros(#require(Timestamp.date(text))) == expected)
  }

  @Test(
    "What is no date and time is refused",
    arguments: [
      "", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-02-29T03:04:05Z",
      "2026-01-32T03:04:05Z", "2026-01-00T03:04:05Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z",
      "2026-01-02T03:04:60Z",
      "2026-01-02 03:04:05Z", "2026-01-02t03:04:05z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05ZZ",
      "2026-01-02T03:04:05+0200",
      "2026-01-02T03:04:05+24:00", "20260-01-02T03:04:05Z", "2026-01-02T03:04:05.1", "-026-01-02T03:04:05Z",
      "2026-1-02T03:04:005Z",
      "2026-01-02T03:04:05.1234567890123456789012345Z", "２026-01-02T03:04:05Z",
    ])
  func refused(text: String) {
    #expect(Timestamp.date(text) == nil)
  }

  @Test("Instants that four digits of year cannot write are moved to the nearest that can")
  func clamped() {
    #expect(Timestamp.seconds(.distantFuture) == "4001-01-01T00:00:00Z")
    #expect(Timestamp.seconds(Date(timeIntervalSinceReferenceDate: 1e300)) == "9999-12-31T23:59:59Z")
    #expect(Timestamp.seconds(Date(timeIntervalSinceReferenceDate: -.infinity)) == "0001-01-01T00:00:00Z")
    #expect(Timestamp.micros(Date(timeIntervalSinceReferenceDate: .nan)) == "2001-01-01T00:00:00.000000Z")
  }
}
