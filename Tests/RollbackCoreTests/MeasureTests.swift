import FoundationEssentials
import RollbackCore
import Testing

@Suite("Limits of metrics")
struct MeasureTests {
  static let read: [(text: String, value: Double)] = [
    ("5%", 0.05), ("0.05", 0.05), ("90", 90), ("500ms", 0.5), ("1.5s", 1.5), ("2m", 120), ("1h", 3_600),
    ("20/min", 20.0 / 60), ("3/s", 3), ("100/h", 100.0 / 3_600), ("-5", -5), ("-2.5%", -0.025), ("0", 0), ("-0", 0),
    ("007", 7), ("123456789012345", 123_456_789_012_345), ("0.00000000000001", 1e-14), ("100%", 1), ("110%", 1.1),
  ]

  @Test("A limit is read in base units", arguments: read)
  func reads(text: String, value: Double) throws {
    let measure = try Measure(text)
    #expect(measure.value == value && measure.description == text)
  }

  static let refused: [(text: String, code: MeasureError.Code)] = [
    ("", .noNumber), ("%", .noNumber), ("abc", .noNumber), ("NaN", .noNumber), ("inf", .noNumber), ("-", .noNumber),
    (" 5", .noNumber), ("٥", .noNumber), ("+5", .wrongNumber), ("--5", .wrongNumber), ("5-", .wrongNumber),
    ("1.", .wrongNumber), (".5", .wrongNumber), ("1.2.3", .wrongNumber), ("1_000", .wrongNumber),
    ("1e5", .unknownUnit), ("0x10", .unknownUnit), ("5 %", .unknownUnit), ("5%%", .unknownUnit), ("5S", .unknownUnit),
    ("5/m", .unknownUnit), ("5/minute", .unknownUnit), ("1h30m", .unknownUnit), ("5\n", .unknownUnit),
    ("5\u{301}", .noNumber), ("5%\u{0}", .unknownUnit), ("1,5", .unknownUnit),
    ("1234567890123456", .tooManyDigits), ("0.123456789012345", .tooManyDigits),
    (String(repeating: "9", count: 400), .tooManyDigits),
  ]

  @Test("What is no limit is refused with what to write", arguments: refused)
  func refuses(text: String, code: MeasureError.Code) {
    let error = #expect(throws: MeasureError.self) { try Measure(text) }
    #expect(error?.code == code)
    #expect(error?.description.hasSuffix("write for example \"5%\", 0.05, 90, 500ms, 1.5s or 20/min") == true)
    #expect(error.map { $0.description.utf8.count < 260 && !$0.description.contains("\n") } == true)
  }

  static let described: [(limit: String, value: Double, text: String)] = [
    ("5%", 0.079, "7.9%"), ("500ms", 0.512, "512ms"), ("20/min", 23.0 / 60, "23/min"), ("5%", 0, "0%"),
    ("5%", -0.0, "0%"), ("90", 1_234_567, "1230000"), ("90", 0.000123456, "0.000123"), ("90", 1.5e-9, "1.5e-9"),
    ("90", 99.95, "100"), ("90", 999.9, "1000"), ("90", 0.09996, "0.1"), ("90", -12.345, "-12.3"), ("90", 5, "5"),
    ("2m", 90, "1.5m"), ("1s", 0.0305, "0.0305s"), ("100/h", 0.05, "180/h"), ("90", 1e22, "1e22"),
    ("90", 1.234e200, "1.23e200"), ("90", .nan, "NaN"), ("5%", .infinity, "+Inf"), ("5%", -.infinity, "-Inf"),
    ("5%", .greatestFiniteMagnitude, "1.8e308"), ("90", .leastNonzeroMagnitude, "5e-324"), ("5%", 1, "100%"),
    ("5%", 12.5, "1250%"), ("90", 100_000_000_000_000, "100000000000000"), ("90", 1e15, "1e15"),
  ]

  @Test("A value is described in the unit of the limit with three digits", arguments: described)
  func describes(limit: String, value: Double, text: String) throws {
    #expect(try Measure(limit).describe(value) == text)
  }

  @Test("No number traps, and what is described is near to it", arguments: Measure.Unit.allCases)
  func anyNumber(unit: Measure.Unit) throws {
    var generator = PromQLInjectionTests.Generator(state: 11)
    let measure = try Measure("1" + unit.rawValue)
    for _ in 0..<2_000 {
      let value = Double(bitPattern: generator.next())
      let text = measure.describe(value)
      #expect(!text.isEmpty)
      guard value.isFinite, unit == .none, value.magnitude > .leastNormalMagnitude else { continue }
      let back = try #require(Double(text))
      #expect(back.isInfinite || (back / value - 1).magnitude < 0.006, "\(value) is described as \(text)")
    }
  }

  @Test("It is coded as it was written, integers as integers")
  func coding() throws {
    let data = Data(#"["5%",90,"500ms",-3,"0.05"]"#.utf8)
    let limits = try JSONDecoder().decode([Measure].self, from: data)
    #expect(limits.map(\.value) == [0.05, 90, 0.5, -3, 0.05])
    #expect(String(decoding: try JSONEncoder().encode(limits), as: UTF8.self) == #"["5%",90,"500ms",-3,"0.05"]"#)
    for wrong in [#"["5 %"]"#, "[1.5]", "[true]", "[null]", "[1e400]"] {
      #expect(throws: (any Error).self) { try JSONDecoder().decode([Measure].self, from: Data(wrong.utf8)) }
    }
  }
}
