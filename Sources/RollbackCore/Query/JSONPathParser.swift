/// Reads a JSON path from left to right.
struct JSONPathParser {
  private let scalars: [Unicode.Scalar]
  private var index = 1

  static func steps(of text: String) throws(JSONPathError) -> [JSONPath.Step] {
    guard text.utf8.count <= JSONPath.longestText else {
      throw JSONPathError(at: 1, "it has more than \(JSONPath.longestText) bytes; write a shorter one")
    }
    var parser = JSONPathParser(scalars: Array(text.unicodeScalars))
    guard parser.scalars.first == "$" else {
      throw JSONPathError(at: 1, "it must begin with $; write for example $.database")
    }
    var steps: [JSONPath.Step] = []
    while parser.index < parser.scalars.count {
      guard steps.count < JSONPath.mostSteps else {
        throw parser.error("there are more than \(JSONPath.mostSteps) steps; point the URL at a flatter document")
      }
      steps.append(try parser.readStep())
    }
    return steps
  }

  private init(scalars: [Unicode.Scalar]) {
    self.scalars = scalars
  }

  private func error(_ problem: String) -> JSONPathError { JSONPathError(at: index + 1, problem) }

  private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func readStep() throws(JSONPathError) -> JSONPath.Step {
    switch current {
    case ".":
      index += 1
      return .member(try readName())
    case "[":
      index += 1
      return try readBracket()
    default: throw error("a step begins with . or [; write for example $.items[0].value")
    }
  }

  private mutating func readName() throws(JSONPathError) -> String {
    switch current {
    case ".": throw error("there is no search through all levels (..); name every level")
    case "*": throw error("there is no wildcard; name the member, or write an index such as [0]")
    case "[": throw error("a name is missing after the point; take the point out")
    default: break
    }
    var name = String.UnicodeScalarView()
    while let scalar = current, scalar != ".", scalar != "[" {
      let isDigit = ("0"..."9").contains(scalar)
      let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
      guard isLetter || scalar.value >= 0xa0 || isDigit && !name.isEmpty else {
        throw error("a name with this character is written in brackets and quotes, as in ['a-b']")
      }
      name.append(scalar)
      index += 1
    }
    guard !name.isEmpty else { throw error("a name is missing after the point; write for example $.database") }
    return String(name)
  }

  private mutating func readBracket() throws(JSONPathError) -> JSONPath.Step {
    let step: JSONPath.Step
    switch current {
    case "'", "\"": step = .member(try readQuoted())
    case "*": throw error("there is no wildcard; write an index such as [0]")
    case "?": throw error("there are no filters; write an index such as [0]")
    case "-": throw error("there are no negative indices; count from the first element, which is [0]")
    default: step = .index(try readIndex())
    }
    switch current {
    case "]": index += 1
    case ":": throw error("there are no ranges; write one index such as [0]")
    case ",": throw error("only one member or element can be named; take the rest out")
    default: throw error("the bracket is not closed; write ]")
    }
    return step
  }

  private mutating func readIndex() throws(JSONPathError) -> Int {
    let start = index
    while let scalar = current, ("0"..."9").contains(scalar) { index += 1 }
    let digits = String(String.UnicodeScalarView(scalars[start..<index]))
    let hasZero = digits.count > 1 && digits.hasPrefix("0")
    guard let value = Int(digits), digits.count <= 6, !hasZero else {
      index = start
      throw error("an index of at most six digits, or a name in quotes, is missing; write [0] or ['name']")
    }
    return value
  }

  private mutating func readQuoted() throws(JSONPathError) -> String {
    let quote = scalars[index]
    index += 1
    var name = String.UnicodeScalarView()
    while let scalar = current {
      if scalar == quote {
        index += 1
        return String(name)
      }
      guard scalar.value >= 0x20 else { throw error("a control character; no name has one") }
      if scalar == "\\" {
        index += 1
        guard let escaped = current, escaped == "\\" || escaped == quote else {
          throw error("only the quote and the backslash can be escaped; write \\\\ for a backslash")
        }
      }
      name.append(scalars[index])
      index += 1
    }
    throw error("the name is not closed; write the quote that it began with")
  }
}
