/// A regular expression that is looked for in lines of a log, in time linear in the line.
///
/// The part of RE2's grammar that says whether a line matches: literals, `.`, `[classes]`, `\d \w \s` and their
/// opposites, `\b \B ^ $`, groups, `|`, `* + ?` and `{m,n}`, and `(?i)` at the beginning for any case. It is found
/// anywhere in a line unless `^` and `$` bind it. There is no back-reference and no look-around, so that no pattern can
/// take exponential time: all ways through it are followed at once (Thompson, "Regular Expression Search Algorithm",
/// CACM 11(6), 1968).
public struct LogPattern: Sendable {
  /// The longest pattern, in bytes of UTF-8.
  public static let longestText = 512
  /// The most instructions that a pattern may become.
  public static let mostInstructions = 512
  /// Of a longer line only so many Unicode scalars are looked at.
  public static let longestLine = 16_384

  /// As it was written.
  public let text: String
  let program: [LogPatternInstruction]
  /// What a match can begin with; `nil` when it can be empty.
  let first: LogPatternSet?

  /// Parses a pattern.
  public init(_ text: String) throws(LogPatternError) {
    self.text = text
    program = try LogPatternParser.program(of: text)
    first = LogPatternInstruction.first(of: program)
  }
}

/// Why a text is no pattern.
public struct LogPatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where, counted in characters from one.
  public let position: Int
  /// One sentence with the place and what to write.
  public let description: String

  init(at position: Int, _ problem: String) {
    self.position = position
    description = "the pattern is wrong at character \(position): \(problem)"
  }
}

/// One step of a pattern; those that do not say otherwise lead to the next.
enum LogPatternInstruction: Sendable {
  case one(LogPatternSet)
  case assertion(LogPatternAssertion)
  case split(Int, Int)
  case jump(Int)
  case match

  /// What a match can begin with; `nil` when it can be empty.
  static func first(of program: [LogPatternInstruction]) -> LogPatternSet? {
    var seen = [Bool](repeating: false, count: program.count)
    var pending = [0]
    var first = LogPatternSet()
    while let index = pending.popLast() {
      guard !seen[index] else { continue }
      seen[index] = true
      switch program[index] {
      case .one(let set): first.formUnion(set)
      case .assertion: pending.append(index + 1)
      case .split(let one, let other): pending += [one, other]
      case .jump(let target): pending.append(target)
      case .match: return nil
      }
    }
    return first
  }
}

/// What must be true of a place between two characters.
enum LogPatternAssertion: Sendable {
  case lineStart
  case lineEnd
  case wordBoundary
  case noWordBoundary

  func holds(after previous: UInt32?, before next: UInt32?) -> Bool {
    switch self {
    case .lineStart: previous == nil
    case .lineEnd: next == nil
    case .wordBoundary: Self.isWord(previous) != Self.isWord(next)
    case .noWordBoundary: Self.isWord(previous) == Self.isWord(next)
    }
  }

  private static func isWord(_ scalar: UInt32?) -> Bool {
    scalar.map { LogPatternSet.word.contains($0) } ?? false
  }
}
