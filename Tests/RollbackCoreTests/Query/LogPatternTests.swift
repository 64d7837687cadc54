import RollbackCore
import Testing

@Suite("Patterns of log lines")
struct LogPatternTests {
  private static func found(_ pattern: String, _ line: String) throws -> Bool {
    var search = LogPatternSearch(try LogPattern(pattern), steps: 1_000_000)
    return search.isFound(in: line)
  }

  @Test(
    "A line matches as regular expressions say",
    arguments: [
      ("ERROR|FATAL", "2026 ERROR x", true), ("ERROR|FATAL", "a FATAL", true), ("ERROR|FATAL", "error", false),
      ("(?i)error", "An eRRor", true), ("(?i)[a-c]ä", "BÄ", true), ("(?i)[^a]", "A", false),
      ("^ERROR", "ERROR", true), ("^ERROR", " ERROR", false), ("done$", "is done", true), ("done$", "done.", false),
      ("^$", "", true), ("^$", "x", false), ("a*", "", true), ("x?", "abc", true),
      ("a.c", "abc", true), ("a.c", "aäc", true), ("a.c", "ac", false), ("a\\.c", "abc", false),
      ("[0-9]{3}", "a 12 b", false), ("[0-9]{3}", "a 123 b", true), ("^a{2,3}$", "aaaa", false),
      ("^a{2,}$", "aaaa", true), ("^(ab)+$", "ababab", true), ("^(ab)+$", "ababa", false),
      ("^(?:a|bc)*d$", "abcbcad", true), ("^a{0}b$", "b", true), ("^(a*)*$", "aaaa", true), ("^(a|b|c)$", "c", true),
      ("\\d+ms", "took 12ms", true), ("\\D", "123", false), ("^\\w+\\s\\S$", "ab_1 -", true),
      ("\\bERROR\\b", "an ERROR!", true), ("\\bERROR\\b", "ERRORS", false), ("a\\Bb", "ab", true),
      ("[]a]", "]", true), ("[^]a]", "a", false), ("[a-]", "-", true), ("[\\d.]+x", "1.2x", true),
      ("[\\D]", "1", false), ("[^\\s]", " ", false), ("é", "café", true), ("[à-ü]", "é", true), ("[^é]", "é", false),
      ("{\"level\":\"error\"", "{\"level\":\"error\",\"x\":1}", true), ("a+?b", "aab", true), ("\\tx", "\tx", true),
      ("a||b", "", true), ("()", "x", true), ("status=5\\d\\d", "status=503 a", true),
    ])
  func matching(pattern: String, line: String, isFound: Bool) throws {
    #expect(try Self.found(pattern, line) == isFound)
  }

  @Test(
    "What cannot be read is refused with the place and what to write",
    arguments: [
      ("", 1, "it is empty"), ("a)", 2, "a ) without its ("), ("(a", 1, "the ( has no )"), ("[a", 1, "the [ has no ]"),
      ("*a", 1, "nothing before it"), ("a**", 3, "two repetitions"), ("a|+", 3, "nothing before it"),
      ("a\\", 3, "a \\ at the end"), ("a\\1", 2, "\\1 is not known"), ("\\p{L}", 1, "\\p is not known"),
      ("(?=a)", 3, "no look-around"), ("a(?i)b", 4, "at the very beginning"), ("[[:alpha:]]", 2, "no named classes"),
      ("[z-a]", 2, "ends before it begins"), ("[a-\\d]", 2, "ends before it begins"), ("a{3,2}", 2, "is smaller"),
      ("a{1000}", 3, "is 100 times"), ("((a{50}){50}){50}", 1, "more than 512 steps"),
      (String(repeating: "a", count: 513), 1, "more than 512 bytes"),
      (String(repeating: "(", count: 33) + "a" + String(repeating: ")", count: 33), 34, "more than 32 groups"),
    ])
  func refusals(pattern: String, position: Int, problem: String) {
    do {
      _ = try LogPattern(pattern)
      Issue.record("\(pattern) was read")
    } catch {
      #expect(error.position == position, "\(error)")
      #expect(error.description.contains(problem), "\(error)")
    }
  }

  @Test(
    "Patterns that take others exponential time take at most their length times the line's",
    arguments: ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(a*)*b", "^(a?){60}a{60}$", "(.*)(.*)(.*)(.*)[^a]"])
  func attacks(pattern: String) throws {
    let line = String(repeating: "a", count: 4_000) + "!"
    let steps = 4_002 * 3 * LogPattern.mostInstructions
    var search = LogPatternSearch(try LogPattern(pattern), steps: steps)
    let isFound = search.isFound(in: line)
    #expect(isFound == (pattern == "(.*)(.*)(.*)(.*)[^a]"))
    #expect(!search.isExhausted)
  }

  @Test("What all lines together may cost is bounded")
  func exhaustion() throws {
    var search = LogPatternSearch(try LogPattern("(a*)*b"), steps: 1_000)
    let isFound = search.isFound(in: String(repeating: "a", count: 4_000))
    #expect(!isFound && search.isExhausted)
    let isFoundLater = search.isFound(in: String(repeating: "a", count: 10) + "b")
    #expect(!isFoundLater)
  }

  @Test("Of a line that has no end only the beginning is looked at")
  func longLine() throws {
    let line = String(repeating: "a", count: LogPattern.longestLine) + "ERROR"
    #expect(try !Self.found("ERROR", line))
    #expect(try Self.found("aaa", line))
  }

  @Test("A line that cannot match costs little")
  func cheap() throws {
    var search = LogPatternSearch(try LogPattern("ERROR|FATAL"), steps: 1_100)
    let isFound = search.isFound(in: String(repeating: "x", count: 1_000))
    #expect(!isFound && !search.isExhausted)
  }
}
