extension Criteria {
  /// Holds a finite number against the absolute limits.
  func judge(_ value: Double) -> Reading {
    if let above, value > above.value {
      return .breached(
        Reading.Breach(
          value: above.describe(value), threshold: "above \(above)",
          message: "\(above.describe(value)) is above \(above)"))
    }
    if let below, value < below.value {
      return .breached(
        Reading.Breach(
          value: below.describe(value), threshold: "below \(below)",
          message: "\(below.describe(value)) is below \(below)"))
    }
    return .healthy
  }

  /// Whether a finite number is a breach of the absolute limits: as ``judge(_:)``, without the text.
  func isExceeded(by value: Double) -> Bool {
    if let above, value > above.value { return true }
    if let below, value < below.value { return true }
    return false
  }

  /// The limits, for people.
  var description: String {
    [
      above.map { "above \($0)" }, below.map { "below \($0)" },
      baseline?.above.map { "above \($0) of the baseline" }, baseline?.below.map { "below \($0) of the baseline" },
      anomaly.map { "more than \(SignificantDigits.text($0.sensitivity)) deviations from the past" },
      comparison.map { _ in "different from the last good revision" },
    ].compactMap(\.self).joined(separator: " or ")
  }
}
