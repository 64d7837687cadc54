import RollbackCore

/// The rules of queries and of what numbers are held against.
extension PolicyViolation {
  static func query(_ query: QueryTrigger, _ path: String, selects: Bool) -> PolicyViolation? {
    if query.promql.isEmpty || query.promql.utf8.count > 4_096 {
      return PolicyViolation(
        path: "\(path).promql", problem: "is empty or longer than 4096 bytes", remedy: "write a PromQL expression")
    }
    if let minSamples = query.minSamples, minSamples.promql.isEmpty || minSamples.promql.utf8.count > 4_096 {
      return PolicyViolation(
        path: "\(path).minSamples.promql", problem: "is empty or longer than 4096 bytes",
        remedy: "write a PromQL expression")
    }
    if let violation = label(query.source, "\(path).source") ?? limited(query.criteria, path, hasPast: true) {
      return violation
    }
    return query.fleet == nil ? nil : fleet(query, path, selects: selects)
  }

  /// - Parameter hasPast: whether the source can be asked what a value was before the rollout.
  static func limited(_ criteria: Criteria, _ path: String, hasPast: Bool = false) -> PolicyViolation? {
    guard !criteria.isEmpty else {
      return PolicyViolation(
        path: path, problem: "has no limit, so the trigger could never fire", remedy: "set above or below")
    }
    guard criteria.needsPast else { return nil }
    guard hasPast else {
      let name = criteria.baseline != nil ? "baseline" : criteria.anomaly != nil ? "anomaly" : "comparison"
      return PolicyViolation(
        path: "\(path).\(name)", problem: "has nothing to compare with, because the source of the values keeps no past",
        remedy: "set above or below, or use a query")
    }
    return baseline(criteria.baseline, "\(path).baseline") ?? anomaly(criteria.anomaly, "\(path).anomaly")
      ?? comparison(criteria.comparison, "\(path).comparison")
  }

  private static func baseline(_ baseline: BaselineCriterion?, _ path: String) -> PolicyViolation? {
    guard let baseline else { return nil }
    guard baseline.above != nil || baseline.below != nil else {
      return PolicyViolation(
        path: path, problem: "has no limit, so it could never be a breach", remedy: "set above or below, such as 3x")
    }
    return period(baseline.window, "\(path).window") ?? baseline.offset.flatMap { period($0, "\(path).offset") }
  }

  private static func anomaly(_ anomaly: AnomalyCriterion?, _ path: String) -> PolicyViolation? {
    guard let anomaly else { return nil }
    return period(anomaly.window, "\(path).window")
      ?? number(anomaly.sensitivity, 1...100, "\(path).sensitivity")
  }

  private static func comparison(_ comparison: ComparisonCriterion?, _ path: String) -> PolicyViolation? {
    guard let comparison else { return nil }
    return number(comparison.confidence, 0.5...0.999_999, "\(path).confidence")
      ?? number(comparison.effect, 1...1_000, "\(path).effect")
      ?? number(Double(comparison.minPoints), 3...1_000, "\(path).minPoints")
  }

  private static func fleet(_ query: QueryTrigger, _ path: String, selects: Bool) -> PolicyViolation? {
    guard selects else {
      return PolicyViolation(
        path: "\(path).fleet", problem: "shares one query among many targets, and this policy has one",
        remedy: "set target.selector, or leave fleet out")
    }
    if let fleet = query.fleet, let violation = metricLabel(fleet.label, "\(path).fleet.label") { return violation }
    for (name, promql) in [("promql", query.promql), ("minSamples.promql", query.minSamples?.promql ?? "")] {
      guard let template = try? PromQLTemplate(promql) else { continue }
      let own = template.placeholders.subtracting([.namespace, .interval]).map(\.description).sorted()
      guard let first = own.first else { continue }
      return PolicyViolation(
        path: "\(path).\(name)", problem: "has \(first), which is another for each target of a fleet",
        remedy: "aggregate by (\(query.fleet?.label ?? "")) instead of selecting one target")
    }
    return nil
  }

  private static func number(
    _ value: Double, _ range: ClosedRange<Double>, _ path: String
  ) -> PolicyViolation? {
    guard !range.contains(value) else { return nil }
    return PolicyViolation(
      path: path, problem: "\(value) is out of range",
      remedy: "write a number from \(range.lowerBound) to \(range.upperBound)")
  }
}
