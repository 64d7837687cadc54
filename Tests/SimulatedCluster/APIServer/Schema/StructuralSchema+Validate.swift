import KubernetesClient

extension StructuralSchema {
  /// What is wrong with an object. Rules are looked at only when the rest is right, as the server does it.
  func violations(_ object: JSONValue, old: JSONValue?) -> [Status.Cause] {
    var causes: [Status.Cause] = []
    check(object, "", isRoot: true, &causes)
    guard causes.isEmpty else { return causes }
    checkRules(object, old, "", &causes)
    return causes
  }

  private func check(_ value: JSONValue, _ path: String, isRoot: Bool = false, _ causes: inout [Status.Cause]) {
    guard isOfType(value) else {
      causes.append(
        Status.Cause(
          reason: "FieldValueTypeInvalid",
          message: "Invalid value: \"\(Self.typeName(value))\": \(path) in body must be of type \(type ?? "")",
          field: path))
      return
    }
    if !limits.allowed.isEmpty, !limits.allowed.contains(where: { $0.isSemanticallyEqual(to: value) }) {
      let list = limits.allowed.map { "\($0)" }.joined(separator: ", ")
      causes.append(
        Status.Cause(
          reason: "FieldValueNotSupported", message: "Unsupported value: \(value): supported values: \(list)",
          field: path))
    }
    switch value {
    case .string(let text): checkText(text, path, &causes)
    case .number(let number): checkNumber(number, path, &causes)
    case .array(let elements): checkElements(elements, path, &causes)
    case .object(let members): checkMembers(members, path, isRoot: isRoot, &causes)
    case .null, .bool: break
    }
  }

  private func isOfType(_ value: JSONValue) -> Bool {
    if value.isNull { return isNullable }
    if isIntOrString { return value.string != nil || value.int64 != nil }
    switch type {
    case "object"?: return value.object != nil
    case "array"?: return value.array != nil
    case "string"?: return value.string != nil
    case "boolean"?: return value.bool != nil
    case "integer"?: return value.int64 != nil
    case "number"?: return value.number != nil
    default: return true
    }
  }

  private static func typeName(_ value: JSONValue) -> String {
    value.int64 != nil ? "integer" : "\(value.kind)"
  }

  private func checkText(_ text: String, _ path: String, _ causes: inout [Status.Cause]) {
    let length = text.unicodeScalars.count
    if let least = limits.minLength, length < least {
      causes.append(
        .invalidValue(path, "\"\(text)\"", "\(path) in body should be at least \(least) chars long"))
    }
    if let most = limits.maxLength, length > most {
      causes.append(
        Status.Cause(reason: "FieldValueTooLong", message: "Too long: may not be longer than \(most)", field: path))
    }
    if let pattern = limits.pattern, !PatternCache.shared.matches(text, pattern) {
      causes.append(.invalidValue(path, "\"\(text)\"", "\(path) in body should match '\(pattern)'"))
    }
    if limits.format == "date-time", Timestamp.date(text) == nil {
      causes.append(
        .invalidValue(path, "\"\(text)\"", "\(path) in body must be of type date-time: \"\(text)\""))
    }
  }

  private func checkNumber(_ number: JSONNumber, _ path: String, _ causes: inout [Status.Cause]) {
    guard let value = number.double else { return }
    if let least = limits.minimum, value < least {
      causes.append(
        .invalidValue(path, number.text, "\(path) in body should be greater than or equal to \(least)"))
    }
    if let most = limits.maximum, value > most {
      causes.append(.invalidValue(path, number.text, "\(path) in body should be less than or equal to \(most)"))
    }
  }

  private func checkElements(_ elements: [JSONValue], _ path: String, _ causes: inout [Status.Cause]) {
    if let least = limits.minItems, elements.count < least {
      causes.append(.invalidValue(path, elements.count, "\(path) in body should have at least \(least) items"))
    }
    if let most = limits.maxItems, elements.count > most {
      causes.append(
        Status.Cause(
          reason: "FieldValueTooMany", message: "Too many: \(elements.count): must have at most \(most) items",
          field: path))
    }
    for (index, element) in elements.enumerated() {
      items?.check(element, "\(path)[\(index)]", &causes)
      if elements[..<index].contains(where: { isSame($0, element) }) {
        causes.append(
          Status.Cause(
            reason: "FieldValueDuplicate", message: "Duplicate value: \(element)", field: "\(path)[\(index)]"))
      }
    }
  }

  private func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
    if !listKeys.isEmpty { return listKeys.allSatisfy { one[$0] == other[$0] } }
    return isSet && one == other
  }

  private func checkMembers(
    _ members: JSONObject, _ path: String, isRoot: Bool, _ causes: inout [Status.Cause]
  ) {
    if let most = limits.maxProperties, members.count > most {
      causes.append(
        Status.Cause(
          reason: "FieldValueTooMany", message: "Too many: \(members.count): must have at most \(most) items",
          field: path))
    }
    let prefix = path.isEmpty ? "" : "\(path)."
    for name in required where members[name] == nil { causes.append(.required("\(prefix)\(name)")) }
    for member in members where !isRoot || !["apiVersion", "kind", "metadata"].contains(member.key) {
      (property(member.key) ?? additional)?.check(member.value, "\(prefix)\(member.key)", &causes)
    }
  }

  private func checkRules(_ value: JSONValue, _ old: JSONValue?, _ path: String, _ causes: inout [Status.Cause]) {
    for rule in rules where !rule.holds(value, old: old) {
      causes.append(.invalidValue(path, "\(value.kind)", rule.message))
    }
    switch value {
    case .object(let members):
      let prefix = path.isEmpty ? "" : "\(path)."
      for member in members {
        let schema = property(member.key) ?? additional
        schema?.checkRules(member.value, old?[member.key], "\(prefix)\(member.key)", &causes)
      }
    case .array(let elements):
      guard let items else { return }
      for (index, element) in elements.enumerated() {
        let before = listKeys.isEmpty ? nil : old?.array?.first { isSame($0, element) }
        items.checkRules(element, before, "\(path)[\(index)]", &causes)
      }
    default: break
    }
  }
}
