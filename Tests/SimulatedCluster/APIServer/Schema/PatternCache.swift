import Synchronization

/// Whether texts match regular expressions, remembered: objects are written over and over with the same texts.
final class PatternCache: Sendable {
  static let shared = PatternCache()

  private struct Question: Hashable {
    var text: String
    var pattern: String
  }

  private let answers = Mutex<[Question: Bool]>([:])
  private let capacity = 20_000

  /// - Returns: `false` also if the pattern is none.
  func matches(_ text: String, _ pattern: String) -> Bool {
    let question = Question(text: text, pattern: pattern)
    if let known = answers.withLock({ $0[question] }) { return known }
    let answer = Self.search(text, pattern)
    answers.withLock { answers in
      if answers.count >= capacity { answers = [:] }
      answers[question] = answer
    }
    return answer
  }

  private static func search(_ text: String, _ pattern: String) -> Bool {
    guard let expression = try? Regex(pattern) else { return false }
    return ((try? expression.firstMatch(in: text)) ?? nil) != nil
  }
}
