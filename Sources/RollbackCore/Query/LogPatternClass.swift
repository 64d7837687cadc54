/// Reads what stands for one character: classes in brackets and escapes.
enum LogPatternClass {
  /// From the `[` to after the `]`.
  static func read(
    _ scalars: [Unicode.Scalar], _ index: inout Int, ignoresCase: Bool
  ) throws(LogPatternError) -> LogPatternSet {
    let start = index
    index += 1
    var isInverted = false
    if index < scalars.count, scalars[index] == "^" {
      isInverted = true
      index += 1
    }
    var set = LogPatternSet()
    var isFirst = true
    while index < scalars.count {
      if scalars[index] == "]", !isFirst {
        index += 1
        if ignoresCase { set = set.ignoringCase }
        return isInverted ? set.inverted : set
      }
      isFirst = false
      try readItem(scalars, &index, into: &set)
    }
    throw LogPatternError(at: start + 1, "the [ has no ]; write \\[ for the character itself")
  }

  private static func readItem(
    _ scalars: [Unicode.Scalar], _ index: inout Int, into set: inout LogPatternSet
  ) throws(LogPatternError) {
    let start = index
    if scalars[index] == "[", index + 1 < scalars.count, scalars[index + 1] == ":" {
      throw LogPatternError(at: index + 1, "there are no named classes; write \\d, \\w, \\s or ranges such as a-z")
    }
    guard let lower = try readMember(scalars, &index, into: &set) else { return }
    guard index + 1 < scalars.count, scalars[index] == "-", scalars[index + 1] != "]" else {
      return set.insert(lower.value...lower.value)
    }
    index += 1
    guard let upper = try readMember(scalars, &index, into: &set), upper >= lower else {
      throw LogPatternError(at: start + 1, "a range ends before it begins; write the smaller character first")
    }
    set.insert(lower.value...upper.value)
  }

  /// One character; `nil` for an escape that stands for many, which is added at once.
  private static func readMember(
    _ scalars: [Unicode.Scalar], _ index: inout Int, into set: inout LogPatternSet
  ) throws(LogPatternError) -> Unicode.Scalar? {
    let scalar = scalars[index]
    index += 1
    guard scalar == "\\" else { return scalar }
    guard index < scalars.count else {
      throw LogPatternError(at: index, "a \\ at the end; write \\\\ for the character itself")
    }
    if let many = many(scalars[index]) {
      index += 1
      set.formUnion(many)
      return nil
    }
    return try single(scalars, &index)
  }

  /// What follows a `\`.
  static func readEscaped(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(LogPatternError) -> LogPatternSet {
    if let set = many(scalars[index]) {
      index += 1
      return set
    }
    let scalar = try single(scalars, &index)
    return LogPatternSet(scalar...scalar)
  }

  private static func many(_ scalar: Unicode.Scalar) -> LogPatternSet? {
    switch scalar {
    case "d": .digits
    case "D": LogPatternSet.digits.inverted
    case "w": .word
    case "W": LogPatternSet.word.inverted
    case "s": .space
    case "S": LogPatternSet.space.inverted
    default: nil
    }
  }

  private static func single(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(LogPatternError) -> Unicode.Scalar
  {
    let scalar = scalars[index]
    let isName =
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    guard !isName || scalar == "t" else {
      throw LogPatternError(
        at: index,
        "\\\(scalar) is not known; there are \\d \\w \\s \\b, their opposites in capitals, \\t, and \\ before a sign")
    }
    index += 1
    return scalar == "t" ? "\t" : scalar
  }
}
