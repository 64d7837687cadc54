/// Looks for a pattern in one line after the other.
///
/// All ways through the pattern are followed at once, so that a line costs at most its length times the pattern's; and
/// what all lines together may cost is bounded as well.
public struct LogPatternSearch {
  private let pattern: LogPattern
  private var steps: Int
  private var scalars: [UInt32] = []
  private var current: [Int] = []
  private var next: [Int] = []
  private var pending: [Int] = []
  /// The last place at which each instruction was reached.
  private var reached: [Int]
  private var place = 0

  /// - Parameter steps: how much may be done for all lines together; about a billion a second.
  public init(_ pattern: LogPattern, steps: Int) {
    self.pattern = pattern
    self.steps = steps
    reached = [Int](repeating: 0, count: pattern.program.count)
  }

  /// Whether the lines cost more than they may: no later one is looked at.
  public var isExhausted: Bool { steps < 0 }

  /// Whether the pattern is found in a line.
  public mutating func isFound(in line: some StringProtocol) -> Bool {
    scalars.removeAll(keepingCapacity: true)
    for scalar in line.unicodeScalars.prefix(LogPattern.longestLine) { scalars.append(scalar.value) }
    next.removeAll(keepingCapacity: true)
    place += 1
    if begins(at: 0), follow(0, at: 0) { return true }
    for index in scalars.indices {
      guard !isExhausted else { return false }
      swap(&current, &next)
      next.removeAll(keepingCapacity: true)
      place += 1
      for instruction in current {
        steps -= 1
        guard case .one(let set) = pattern.program[instruction], set.contains(scalars[index]) else { continue }
        if follow(instruction + 1, at: index + 1) { return true }
      }
      if begins(at: index + 1), follow(0, at: index + 1) { return true }
    }
    return false
  }

  /// Whether a match may begin at a place: most cannot, and cost one step.
  private mutating func begins(at index: Int) -> Bool {
    steps -= 1
    guard let first = pattern.first else { return true }
    return index < scalars.count && first.contains(scalars[index])
  }

  /// Goes on from an instruction to all that can be next without another character.
  ///
  /// - Returns: whether the end of the pattern was reached.
  private mutating func follow(_ start: Int, at index: Int) -> Bool {
    pending.removeAll(keepingCapacity: true)
    pending.append(start)
    while let instruction = pending.popLast() {
      steps -= 1
      guard reached[instruction] != place else { continue }
      reached[instruction] = place
      switch pattern.program[instruction] {
      case .one: next.append(instruction)
      case .assertion(let assertion):
        let previous = index > 0 ? scalars[index - 1] : nil
        let following = index < scalars.count ? scalars[index] : nil
        if assertion.holds(after: previous, before: following) { pending.append(instruction + 1) }
      case .split(let one, let other):
        pending.append(other)
        pending.append(one)
      case .jump(let target): pending.append(target)
      case .match: return true
      }
    }
    return false
  }
}
