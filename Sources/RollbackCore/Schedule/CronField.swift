/// One of the five fields: values, ranges and steps, separated by commas.
struct CronField {
  var name: String
  var range: ClosedRange<Int>
  var names: [String: Int] = [:]

  func values(_ text: Substring) throws(CronScheduleError) -> Set<Int> {
    var values: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) { values.formUnion(try entry(part)) }
    return values
  }

  private func entry(_ text: Substring) throws(CronScheduleError) -> Set<Int> {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty else { throw error(text) }
    let (bounds, isRange) = try bounds(first)
    guard parts.count == 2 else { return Set(bounds) }
    guard let step = number(parts[1]), step > 0 else { throw error(text) }
    // A single value with a step means: from there on.
    let last = isRange ? bounds.upperBound : range.upperBound
    return Set(stride(from: bounds.lowerBound, through: last, by: step))
  }

  private func bounds(_ text: Substring) throws(CronScheduleError) -> (ClosedRange<Int>, isRange: Bool) {
    if text == "*" || text == "?" { return (range, true) }
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = ends.first, let low = value(first) else { throw error(text) }
    guard ends.count == 2 else { return (low...low, false) }
    guard let high = value(ends[1]), low <= high else { throw error(text) }
    return (low...high, true)
  }

  private func value(_ text: Substring) -> Int? {
    guard let value = names[text.lowercased()] ?? number(text), range.contains(value) else { return nil }
    return value
  }

  private func number(_ text: Substring) -> Int? {
    guard text.utf8.count <= 4, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }

  private func error(_ text: Substring) -> CronScheduleError {
    CronScheduleError("`\(text.prefix(32))` is no \(name) from \(range.lowerBound) to \(range.upperBound)")
  }
}
