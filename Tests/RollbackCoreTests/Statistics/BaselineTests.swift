import FoundationEssentials
import RollbackCore
import Testing

@Suite("Limits against a baseline")
struct BaselineTests {
  static let judged: [(text: String, value: Double, reference: Double, verdict: Baseline.Verdict)] = [
    ("+50%", 1.5, 1, .within), ("+50%", 1.51, 1, .beyond), ("+50%", 0.2, 1, .within), ("3x", 0.6, 0.2, .within),
    ("3x", 0.61, 0.2, .beyond), ("1.5x", 2, 1, .beyond), ("+0.02", 0.03, 0.01, .within),
    ("+0.02", 0.031, 0.01, .beyond),
    ("+0.02", 0.03, 0, .beyond), ("+0.02", -1, -2, .beyond), ("+200ms", 0.45, 0.2, .beyond),
    ("+200ms", 0.35, 0.2, .within), ("+5/min", 0.2, 0.1, .beyond), ("+120%", 2.1, 1, .within),
    ("2x", 1e308, 1e308, .within), ("+50%", 0, 0, .within), ("3x", -1, 0, .within), ("3x", -3, -2, .within),
  ]

  static let fallen: [(text: String, value: Double, reference: Double, verdict: Baseline.Verdict)] = [
    ("-50%", 0.5, 1, .within), ("-50%", 0.49, 1, .beyond), ("0.5x", 0.4, 1, .beyond), ("0.5x", 2, 1, .within),
    ("-0.02", 0.97, 1, .beyond), ("-0.02", 0.99, 1, .within), ("-200ms", 0.7, 1, .beyond), ("-10%", 0, 0, .within),
  ]

  @Test("A reading that has fallen is judged by ratio or by difference", arguments: fallen)
  func judgesFall(text: String, value: Double, reference: Double, verdict: Baseline.Verdict) throws {
    #expect(try Baseline(text, side: .below).breach(value, reference: reference) == verdict)
  }

  @Test(
    "What lies at or above the reference, or below nothing, is no lower limit",
    arguments: ["+10%", "+0.02", "1.5x", "1x", "0x", "-0", "-100%", "-150%"])
  func senselessBelow(text: String) {
    let error = #expect(throws: BaselineError.self) { try Baseline(text, side: .below) }
    #expect(error?.code == .senseless)
    #expect(error?.description.contains("write for example \"-50%\"") == true)
  }

  @Test("A reading is judged by ratio or by difference", arguments: judged)
  func judges(text: String, value: Double, reference: Double, verdict: Baseline.Verdict) throws {
    #expect(try Baseline(text).breach(value, reference: reference) == verdict)
  }

  @Test(
    "Without a usable reference nothing is said",
    arguments: [
      ("+50%", 1, 0), ("3x", 1, 0), ("3x", -1, -2), ("+50%", 0.1, 0), ("3x", .nan, 1), ("3x", 1, .nan),
      ("+0.02", .infinity, 1), ("+0.02", 1, -.infinity), ("+0.02", .nan, .nan), ("3x", 1, -0.0),
    ] as [(String, Double, Double)])
  func undetermined(text: String, value: Double, reference: Double) throws {
    guard case .undetermined(let reason) = try Baseline(text).breach(value, reference: reference) else {
      Issue.record("\(value) was judged against \(reference)")
      return
    }
    #expect(reason.contains(" "))
  }

  @Test(
    "What lies at or below the reference is senseless", arguments: ["-10%", "-0.02", "0.5x", "1x", "0x", "+0", "+0%"])
  func senseless(text: String) {
    let error = #expect(throws: BaselineError.self) { try Baseline(text) }
    #expect(error?.code == .senseless)
    #expect(error?.description.contains("write for example \"+50%\"") == true)
  }

  @Test(
    "What is no such limit is refused",
    arguments: [
      "50%", "0.02", "+", "x", "3 x", "+3x", "+-1", "++1", "+50 %", "3X", "1e3x", "+1e3", "+NaN", "infx", "+0x10",
      "3xx",
      "٣x", "5%x", "3\nx", "+50%\n",
    ])
  func unreadable(text: String) {
    let error = #expect(throws: BaselineError.self) { try Baseline(text) }
    #expect(error?.code == .unreadable)
    #expect(error?.description.contains("\n") == false)
  }

  @Test("Nothing at all is refused as well")
  func empty() {
    #expect(throws: BaselineError.self) { try Baseline("") }
  }

  @Test("It is coded as it was written, and a limit on the wrong side is refused")
  func coding() throws {
    let data = Data(#"{"window":"30m","above":"+50%","below":"0.5x"}"#.utf8)
    let criterion = try JSONDecoder().decode(BaselineCriterion.self, from: data)
    #expect(criterion.above?.description == "+50%" && criterion.below?.description == "0.5x")
    #expect(try JSONDecoder().decode(BaselineCriterion.self, from: JSONEncoder().encode(criterion)) == criterion)
    for text in [#"{"above":"-10%"}"#, #"{"below":"+10%"}"#, #"{"below":"3x"}"#, #"{"above":3}"#] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(BaselineCriterion.self, from: Data(text.utf8)) }
    }
  }
}
