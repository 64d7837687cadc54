import FoundationEssentials

/// One text file of the checkout, as the rules see it.
struct SourceFile: Sendable {
  /// Relative to the checkout, with slashes.
  let path: String
  let text: String
  /// The lines as they are, without their line feeds.
  let lines: [String]
  /// The same lines with the content of comments and string literals replaced by spaces, so that a rule about code does
  /// not judge prose. Only for Swift files; otherwise the lines themselves.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = Self.split(text)
    code = path.hasSuffix(".swift") ? Self.split(SwiftText.withoutCommentsAndStrings(text)) : lines
  }

  var name: String { String(path.split(separator: "/").last ?? "") }
  var isSwift: Bool { path.hasSuffix(".swift") }

  /// The target a file of `Sources` belongs to, such as `RollbackCore`.
  var sourceTarget: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  private static func split(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}

/// What a rule has against a line. Lines count from 1; 0 is the file as a whole.
struct Finding: CustomStringConvertible, Equatable, Sendable {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}
