import RollbackCore

/// Any text as a query, a path and a limit of a metric.
enum QueryProperties {
  /// Values that try to end the token that they stand in. None has a brace, of which two would be a placeholder.
  private static let hostile = ["\" or up", "' or up", "` or up", "\\", "\n", "#", "[", "(", ")", ".*+?^$|", "é\u{0}"]

  static func check(_ bytes: [UInt8]) throws(Violation) {
    let text = String(decoding: bytes, as: UTF8.self)
    try query(text)
    try path(text)
    try limits(text)
  }

  private static func query(_ text: String) throws(Violation) {
    guard let template = try? PromQLTemplate(text) else { return }
    for value in hostile {
      let values = PromQLValues(
        namespace: value, target: value, revision: 7, hash: value, goodRevision: 6, goodHash: value,
        interval: .seconds(15))
      // Backquoted strings take not every value.
      guard let query = try? template.render(values), query.utf8.count <= PromQLTemplate.longestText else { continue }
      let again = try? PromQLTemplate(query)
      try require(again?.placeholders == [], "\(text) becomes \(query)")
    }
  }

  private static func path(_ text: String) throws(Violation) {
    guard let path = try? JSONPath(text) else { return }
    try require(path.steps.count <= JSONPath.mostSteps, "\(path.steps.count) steps")
    for case .index(let index) in path.steps { try require((0..<1_000_000).contains(index), "the index \(index)") }
  }

  private static func limits(_ text: String) throws(Violation) {
    if let measure = try? Measure(text) {
      try require(measure.value.isFinite, "\(text) is \(measure.value)")
      try require(measure.describe(measure.value).utf8.count < 32, "\(text) is \(measure.describe(measure.value))")
    }
    guard let baseline = try? Baseline(text) else { return }
    for value in [Double.nan, .infinity, -1, 0, 1e-300, 1, 1e308] {
      let judged = baseline.breach(value, reference: value)
      try require(judged != .beyond, "\(value) is beyond \(text) of itself")
    }
  }
}
