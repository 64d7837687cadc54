/// Rules about sizes, names and documentation.
enum ShapeRules {
  static let all: [Rule] = [fileLength, functionLength, fileName, documentation]

  static let longestFile = 500
  static let longestFunction = 70

  static let fileLength = Rule(name: "A file has at most 500 lines", applies: Scope.swift) { file in
    guard file.lines.count > longestFile else { return [] }
    return [Finding(path: file.path, line: 0, message: "\(file.lines.count) lines; split it by concept")]
  }

  static let functionLength = Rule(name: "A function has at most 70 lines", applies: Scope.swift) { file in
    file.code.indices.compactMap { start in
      let line = file.code[start]
      let declares = Words.contains("func", in: line) || declaresInitializer(line)
      guard declares, let end = endOfBody(in: file.code, from: start) else { return nil }
      let length = end - start + 1
      guard length > longestFunction else { return nil }
      return Finding(path: file.path, line: start + 1, message: "\(length) lines; name its parts as functions")
    }
  }

  private static func declaresInitializer(_ line: String) -> Bool {
    let line = line.drop { $0 == " " }
    return line.hasPrefix("init") || line.contains(" init(") && !line.contains("=") && !line.contains(".init(")
  }

  /// The line of the brace that closes the first body opened at or after `start`; nil when the declaration has none.
  private static func endOfBody(in code: [String], from start: Int) -> Int? {
    var depth = 0
    var parentheses = 0
    for index in start..<code.count {
      for byte in code[index].utf8 {
        switch byte {
        case UInt8(ascii: "("): parentheses += 1
        case UInt8(ascii: ")"): parentheses -= 1
        case UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "}"):
          depth -= 1
          if depth == 0, parentheses == 0 { return index }
          if depth < 0 { return nil }
        default: break
        }
      }
      let isRequirement = depth == 0 && parentheses == 0 && index > start && code[index].allSatisfy { $0 == " " }
      if isRequirement { return nil }
    }
    return nil
  }

  static let fileName = Rule(
    name: "A file is named after the concept in it",
    applies: { Scope.sources($0) && $0.name != "main.swift" }
  ) { file in
    let stem = String(file.name.dropLast(".swift".count).split(separator: "+").first ?? "")
    if ["Utils", "Utilities", "Helpers", "Misc", "Common", "Extensions"].contains(where: { stem.hasSuffix($0) }) {
      return [Finding(path: file.path, line: 0, message: "\(stem) names no concept")]
    }
    let text = (file.path.dropLast(file.name.count) + file.text).lowercased()
    guard stem != "Placeholder", !roots(of: stem).contains(where: { text.contains($0) }) else { return [] }
    return [Finding(path: file.path, line: 0, message: "nothing in the file is about \(stem)")]
  }

  /// The words of a name, cut to what their forms have in common: `JSONEvaluations` is about `json` and `eval`.
  static func roots(of name: String) -> [String] {
    let letters = Array(name)
    var words: [String] = []
    for (index, letter) in letters.enumerated() {
      let beginsWord =
        letter.isUppercase
        && (index == 0 || !letters[index - 1].isUppercase
          || index + 1 < letters.count && letters[index + 1].isLowercase)
      if beginsWord || words.isEmpty { words.append("") }
      words[words.count - 1].append(letter)
    }
    return words.map { String($0.lowercased().prefix(max(3, min(4, $0.count - 1)))) }
  }

  /// A stored property or an initializer that only fills them is described by its type and its name; the fields of the
  /// API are described in the CRDs.
  static let documentation = Rule(
    name: "Public types and functions are documented", applies: Scope.sources
  ) { file in
    file.code.indices.compactMap { index in
      guard isPublicDeclaration(file.code[index]), !isDocumented(file, at: index) else { return nil }
      return Finding(path: file.path, line: index + 1, message: "say in a doc comment what it means")
    }
  }

  private static func isPublicDeclaration(_ line: String) -> Bool {
    let words = line.split { " (<:{".contains($0) }
    guard let keyword = words.firstIndex(where: { $0 == "public" || $0 == "open" }) else { return false }
    guard words[..<keyword].allSatisfy({ $0.hasPrefix("@") || $0 == "nonisolated" || $0 == "final" }) else {
      return false
    }
    let rest = words[(keyword + 1)...]
    if rest.contains("import") || rest.contains("extension") { return false }
    let documented: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "func", "subscript"]
    return rest.contains { documented.contains($0) } && !isWitness(line)
  }

  /// What a protocol of the standard library already describes.
  private static func isWitness(_ line: String) -> Bool {
    let witnesses = [
      "func ==", "func <", "func ~=", "func hash(into", "func encode(to", "func makeAsyncIterator", "func index(",
      // Of the seams of this project and of its packages: their protocols say what they mean.
      "func run(", "func send(", "func stream(", "func sleep(", "func random(", "func log(", "func makeCounter(",
      "func makeFloatingPointCounter(", "func makeMeter(", "func makeRecorder(", "func makeTimer(", "func destroy",
    ]
    return witnesses.contains { line.contains($0) }
  }

  private static func isDocumented(_ file: SourceFile, at index: Int) -> Bool {
    var above = index - 1
    while above >= 0 {
      let line = file.lines[above].drop { $0 == " " }
      if line.hasPrefix("///") || line.hasSuffix("*/") { return true }
      guard line.hasPrefix("@") || line.hasPrefix("// swift-format-ignore") || line.hasPrefix("#if") else {
        return false
      }
      above -= 1
    }
    return false
  }
}
