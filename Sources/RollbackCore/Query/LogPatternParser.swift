/// Reads a pattern from left to right.
struct LogPatternParser {
  /// The most groups within one another.
  static let deepest = 32
  /// The most repetitions that a number may ask for.
  static let mostRepetitions = 100

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var depth = 0
  private var ignoresCase = false

  /// The instructions of a pattern.
  static func program(of text: String) throws(LogPatternError) -> [LogPatternInstruction] {
    guard !text.isEmpty else { throw LogPatternError(at: 1, "it is empty; write for example ERROR|FATAL") }
    guard text.utf8.count <= LogPattern.longestText else {
      throw LogPatternError(at: 1, "it has more than \(LogPattern.longestText) bytes; write a shorter one")
    }
    var parser = LogPatternParser(scalars: Array(text.unicodeScalars))
    if text.hasPrefix("(?i)") {
      parser.ignoresCase = true
      parser.index = 4
    }
    let node = try parser.readAlternation()
    guard parser.index == parser.scalars.count else {
      throw parser.error("a ) without its (; write \\) for the character itself")
    }
    guard node.size < LogPattern.mostInstructions else {
      throw LogPatternError(
        at: 1, "written out it has more than \(LogPattern.mostInstructions) steps; use smaller repetitions")
    }
    var program: [LogPatternInstruction] = []
    node.write(to: &program)
    program.append(.match)
    return program
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private func error(_ problem: String) -> LogPatternError { LogPatternError(at: index + 1, problem) }

  private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    index += 1
    return true
  }

  private mutating func readAlternation() throws(LogPatternError) -> LogPatternNode {
    var branches = [try readSequence()]
    while take("|") { branches.append(try readSequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func readSequence() throws(LogPatternError) -> LogPatternNode {
    var nodes: [LogPatternNode] = []
    while let scalar = current, scalar != "|", scalar != ")" {
      let node = try readAtom()
      nodes.append(try readRepetition(of: node))
    }
    return .sequence(nodes)
  }

  private mutating func readAtom() throws(LogPatternError) -> LogPatternNode {
    guard let scalar = current else { throw error("something is missing here") }
    switch scalar {
    case "(": return try readGroup()
    case "[":
      return .one(try LogPatternClass.read(scalars, &index, ignoresCase: ignoresCase))
    case ".":
      index += 1
      return .one(.any)
    case "^":
      index += 1
      return .assertion(.lineStart)
    case "$":
      index += 1
      return .assertion(.lineEnd)
    case "*", "+", "?": throw error("\(scalar) has nothing before it to repeat; write \\\(scalar) for the character")
    case "\\": return try readEscape()
    default:
      // A brace that begins no repetition is a brace, as in RE2: logs are full of JSON.
      index += 1
      return literal(scalar)
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> LogPatternNode {
    let set = LogPatternSet(scalar...scalar)
    return .one(ignoresCase ? set.ignoringCase : set)
  }

  private mutating func readGroup() throws(LogPatternError) -> LogPatternNode {
    let start = index
    index += 1
    if take("?"), !take(":") {
      throw error(
        "groups are ( ) and (?: ); there is no look-around, and (?i) stands at the very beginning of the pattern")
    }
    depth += 1
    guard depth <= Self.deepest else { throw error("there are more than \(Self.deepest) groups within one another") }
    let node = try readAlternation()
    depth -= 1
    guard take(")") else { throw LogPatternError(at: start + 1, "the ( has no ); write \\( for the character itself") }
    return node
  }

  private mutating func readEscape() throws(LogPatternError) -> LogPatternNode {
    index += 1
    guard let scalar = current else { throw error("a \\ at the end; write \\\\ for the character itself") }
    if scalar == "b" || scalar == "B" {
      index += 1
      return .assertion(scalar == "b" ? .wordBoundary : .noWordBoundary)
    }
    let set = try LogPatternClass.readEscaped(scalars, &index)
    return .one(ignoresCase ? set.ignoringCase : set)
  }

  // MARK: - Repetitions

  private mutating func readRepetition(of node: LogPatternNode) throws(LogPatternError) -> LogPatternNode {
    let bounds: (least: Int, most: Int?)
    switch current {
    case "*": bounds = (0, nil)
    case "+": bounds = (1, nil)
    case "?": bounds = (0, 1)
    case "{":
      guard let counted = try readCount() else { return node }
      bounds = counted
      index -= 1
    default: return node
    }
    index += 1
    // Whether as few or as many as possible are taken does not change whether a line matches.
    _ = take("?")
    if let scalar = current, ["*", "+", "?"].contains(scalar) {
      throw error("two repetitions in a row; put the first into ( )")
    }
    return .repeated(node, bounds.least, bounds.most)
  }

  /// `{m}`, `{m,}` or `{m,n}`; `nil` when the brace begins none of these.
  private mutating func readCount() throws(LogPatternError) -> (least: Int, most: Int?)? {
    let start = index
    index += 1
    guard let least = try readNumber() else {
      index = start
      return nil
    }
    var most: Int? = least
    if take(",") { most = try readNumber() }
    guard take("}") else {
      index = start
      return nil
    }
    guard most.map({ $0 >= least }) ?? true else {
      throw LogPatternError(at: start + 1, "the second number is smaller than the first")
    }
    return (least, most)
  }

  private mutating func readNumber() throws(LogPatternError) -> Int? {
    let start = index
    var number = 0
    while let scalar = current, ("0"..."9").contains(scalar) {
      number = min(number * 10 + Int(scalar.value - 48), Self.mostRepetitions + 1)
      index += 1
    }
    guard index > start else { return nil }
    guard number <= Self.mostRepetitions else {
      throw LogPatternError(at: start + 1, "the most that may be repeated is \(Self.mostRepetitions) times")
    }
    return number
  }
}

/// What a part of a pattern is made of.
indirect enum LogPatternNode {
  case one(LogPatternSet)
  case assertion(LogPatternAssertion)
  case sequence([LogPatternNode])
  case alternatives([LogPatternNode])
  case repeated(LogPatternNode, Int, Int?)

  /// How many instructions it becomes; beyond what is allowed not exactly.
  var size: Int {
    let size: Int
    switch self {
    case .one, .assertion: size = 1
    case .sequence(let nodes): size = nodes.reduce(0) { $0 + $1.size }
    case .alternatives(let nodes): size = nodes.reduce(0) { $0 + $1.size + 2 }
    case .repeated(let node, let least, let most):
      size = node.size * least + (most.map { (node.size + 1) * ($0 - least) } ?? node.size + 2)
    }
    return min(size, LogPattern.mostInstructions)
  }

  func write(to program: inout [LogPatternInstruction]) {
    switch self {
    case .one(let set): program.append(.one(set))
    case .assertion(let assertion): program.append(.assertion(assertion))
    case .sequence(let nodes): for node in nodes { node.write(to: &program) }
    case .alternatives(let nodes): Self.write(nodes[...], to: &program)
    case .repeated(let node, let least, let most):
      for _ in 0..<least { node.write(to: &program) }
      guard let most else { return node.writeLoop(to: &program) }
      var splits: [Int] = []
      for _ in least..<most {
        splits.append(program.count)
        program.append(.match)
        node.write(to: &program)
      }
      for split in splits { program[split] = .split(split + 1, program.count) }
    }
  }

  private func writeLoop(to program: inout [LogPatternInstruction]) {
    let start = program.count
    program.append(.match)
    write(to: &program)
    program.append(.jump(start))
    program[start] = .split(start + 1, program.count)
  }

  private static func write(_ nodes: ArraySlice<LogPatternNode>, to program: inout [LogPatternInstruction]) {
    var jumps: [Int] = []
    for (offset, node) in nodes.enumerated() {
      let start = program.count
      let isLast = offset == nodes.count - 1
      if !isLast { program.append(.match) }
      node.write(to: &program)
      guard !isLast else { continue }
      jumps.append(program.count)
      program.append(.match)
      program[start] = .split(start + 1, program.count)
    }
    for jump in jumps { program[jump] = .jump(program.count) }
  }
}
