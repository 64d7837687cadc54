import RollbackCore

/// The rules of names: of objects in the policy's namespace, of containers, of sources, of labels.
extension PolicyViolation {
  /// The longest value of a label.
  private static let longestLabelValue = 63
  private static let longestLabelKey = 317

  /// A name of the policy's own, or that of a container.
  static func label(_ name: String?, _ path: String) -> PolicyViolation? {
    guard let name, !ObjectName.isLabel(name) else { return nil }
    return PolicyViolation(
      path: path, problem: "is not a name", remedy: "write lower case letters, digits and -, at most 63")
  }

  static func secret(_ reference: SecretReference?, _ path: String) -> PolicyViolation? {
    reference.flatMap { secret($0.secret, path) }
  }

  static func secret(_ reference: SecretKey?, _ path: String) -> PolicyViolation? {
    guard let reference else { return nil }
    if let violation = secret(reference.secret, path) { return violation }
    let isKey =
      (1...253).contains(reference.key.utf8.count)
      && reference.key.unicodeScalars.allSatisfy { isWordCharacter($0) || $0 == "-" || $0 == "." }
    guard !isKey else { return nil }
    return PolicyViolation(
      path: "\(path).key", problem: "is not a key of a Secret",
      remedy: "write a key of the Secret, letters, digits, -, _ and ., such as token")
  }

  private static func secret(_ name: String, _ path: String) -> PolicyViolation? {
    guard !ObjectName.isSubdomain(name) else { return nil }
    return PolicyViolation(
      path: "\(path).secret", problem: "is not the name of a Secret",
      remedy: "write lower case letters, digits, - and ., at most 253 of them")
  }

  /// What the API server could never find in a label.
  static func labels(_ selector: LabelSelector) -> PolicyViolation? {
    let path = "spec.target.selector"
    if let (key, _) = selector.matchLabels.sorted(by: { $0.key < $1.key }).first(where: { isTooLong($0.value) }) {
      return tooLong("\(path).matchLabels.\(key.prefix(longestLabelKey))")
    }
    for (index, condition) in selector.matchExpressions.enumerated() {
      guard (1...longestLabelKey).contains(condition.key.unicodeScalars.count) else {
        return PolicyViolation(
          path: "\(path).matchExpressions[\(index)].key", problem: "is not the key of a label",
          remedy: "write 1 to \(longestLabelKey) characters")
      }
      if let value = condition.values.firstIndex(where: isTooLong) {
        return tooLong("\(path).matchExpressions[\(index)].values[\(value)]")
      }
    }
    return nil
  }

  private static func isTooLong(_ value: String) -> Bool { value.unicodeScalars.count > longestLabelValue }

  private static func tooLong(_ path: String) -> PolicyViolation {
    PolicyViolation(
      path: path, problem: "is longer than the value of a label can be",
      remedy: "write at most \(longestLabelValue) characters")
  }

  static func alert(_ alert: AlertTrigger, _ path: String) -> PolicyViolation? {
    if let violation = label(alert.source, "\(path).source") { return violation }
    let first = alert.name.unicodeScalars.first.map { isWordCharacter($0) && !("0"..."9").contains($0) || $0 == ":" }
    let isName = alert.name.unicodeScalars.allSatisfy { isWordCharacter($0) || ":. -".unicodeScalars.contains($0) }
    guard first == true, isName, alert.name.utf8.count <= 256 else {
      return PolicyViolation(
        path: "\(path).name", problem: "is not the name of an alert",
        remedy: "write the name of an alert, letters, digits, _ and :, such as HighErrorRate")
    }
    return nil
  }

  /// The label of a metric.
  static func metricLabel(_ name: String, _ path: String) -> PolicyViolation? {
    let first = name.unicodeScalars.first.map { isWordCharacter($0) && !("0"..."9").contains($0) }
    guard first != true || !name.unicodeScalars.allSatisfy(isWordCharacter) || name.utf8.count > 128 else { return nil }
    return PolicyViolation(
      path: path, problem: "is not the name of a label",
      remedy: "write the name of a label, letters, digits and _, such as deployment")
  }

  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
  }
}
