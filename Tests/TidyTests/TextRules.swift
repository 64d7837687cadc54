/// Rules about any text.
enum TextRules {
  static let all: [Rule] = [lineEnds, tabs, trailingSpace, lineLength, lastLine, machinePaths, registries, leftovers]

  private static let widest = 120

  static let lineEnds = Rule.perLine("Lines end in a line feed alone", where: { _ in true }, code: false) { line in
    line.utf8.contains(UInt8(ascii: "\r")) ? "a carriage return; use a line feed alone" : nil
  }

  static let tabs = Rule.perLine("Tabs only where make wants them", where: { $0.name != "Makefile" }, code: false) {
    $0.utf8.contains(UInt8(ascii: "\t")) ? "a tab; indent with two spaces" : nil
  }

  static let trailingSpace = Rule.perLine("No line ends in a space", where: { _ in true }, code: false) { line in
    line.hasSuffix(" ") ? "trailing space" : nil
  }

  /// Written by `make schema`, not to be read.
  private static let generated = "Schema/EmbeddedDefinitions.swift"

  /// Of Swift, code and comments are measured: the text of a string literal is what it is.
  static let lineLength = Rule(
    name: "Lines have at most 120 columns",
    applies: {
      ![".md", ".sh", ".patch", ".resolved", "Makefile", generated].contains(where: $0.path.hasSuffix)
        && !$0.path.hasPrefix("Tests/Fixtures/")
    }
  ) { file in
    file.lines.indices.compactMap { index in
      let line = file.lines[index]
      guard line.count > widest else { return nil }
      let isComment = line.drop { $0 == " " }.hasPrefix("//")
      let space = UInt8(ascii: " ")
      let prose = zip(line.utf8, file.code[index].utf8).count { $0 != space && $1 == space }
      guard isComment || line.utf8.count - prose > widest else { return nil }
      return Finding(
        path: file.path, line: index + 1, message: "\(line.count) columns; break the line before \(widest)")
    }
  }

  static let lastLine = Rule(name: "A file ends with one line feed", applies: { _ in true }) { file in
    if file.text.isEmpty || file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n") { return [] }
    return [Finding(path: file.path, line: file.lines.count, message: "end the file with exactly one line feed")]
  }

  static let machinePaths = Rule.perLine(
    "No path of one machine", where: Scope.outsideTheseTests, code: false
  ) { line in
    ["/work/", "/root/", "/tmp/w/", "/opt/swift"].first { line.contains($0) }
      .map { "the path \($0) exists on one machine only" }
  }

  static let registries = Rule.perLine(
    "No host of a package registry", where: Scope.outsideTheseTests, code: false
  ) { line in
    // By the first word of the host, since even this file must not name one.
    ["pypi", "ghcr", "gcr", "quay", "registry", "deb"].map { "://\($0)." }
      .first { line.contains($0) }
      .map { "\($0) is for the user to choose; take the tool's own configuration" }
  }

  static let leftovers = Rule.perLine(
    "Nothing is left for later", where: Scope.outsideTheseTests, code: false
  ) { line in
    ["TODO", "FIXME", "XXX", "HACK"].first { Words.contains($0, in: line) }
      .map { "\($0): do it, or write an issue" }
  }
}

/// Looking for whole words.
enum Words {
  static func contains(_ word: String, in line: String) -> Bool {
    !positions(of: word, in: line).isEmpty
  }

  /// Where the word begins, in bytes.
  static func positions(of word: String, in line: String) -> [Int] {
    let line = Array(line.utf8)
    let word = Array(word.utf8)
    guard line.count >= word.count else { return [] }
    return (0...(line.count - word.count)).filter { start in
      line[start..<(start + word.count)].elementsEqual(word)
        && (start == 0 || !isWordByte(line[start - 1]))
        && (start + word.count == line.count || !isWordByte(line[start + word.count]))
    }
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF: true
    default: false
    }
  }
}
