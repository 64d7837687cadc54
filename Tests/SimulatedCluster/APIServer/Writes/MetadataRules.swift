import KubernetesClient

/// What the metadata of all kinds have in common.
enum MetadataRules {
  /// Without members that say nothing.
  static func normalized(_ metadata: JSONValue) -> JSONValue {
    guard let members = metadata.object else { return [:] }
    let isEmpty: (JSONValue) -> Bool = { $0.isEmptyContainer || $0.string == "" }
    guard members.contains(where: { isEmpty($0.value) }) else { return metadata }
    return .object(JSONObject(members.filter { !isEmpty($0.value) }))
  }

  static func violations(_ object: JSONValue, old: JSONValue?, _ kind: ServedKind) -> [Status.Cause] {
    let metadata = object["metadata"]
    var causes = textViolations(metadata ?? [:])
    guard let old else {
      let name = metadata?["name"]?.string ?? ""
      if name.isEmpty { return [.required("metadata.name", "name or generateName is required")] + causes }
      let isName = kind.hasFreeNames ? isSegment(name) : isSubdomain(name)
      return isName ? causes : [.invalidValue("metadata.name", "\"\(name)\"", notSubdomain)] + causes
    }
    for key in ["name", "namespace", "uid", "creationTimestamp"] {
      let before = old["metadata"]?[key]?.string
      guard let now = metadata?[key]?.string, now != before else { continue }
      causes.append(.invalidValue("metadata.\(key)", "\"\(now)\"", "field is immutable"))
    }
    if old["metadata"]?["deletionTimestamp"] != nil {
      let before = old["metadata"]?["finalizers"]?.array ?? []
      let new = (metadata?["finalizers"]?.array ?? []).filter { !before.contains($0) }
      if !new.isEmpty {
        let list = new.map { "\($0)" }.joined(separator: ", ")
        causes.append(
          .forbidden(
            "metadata.finalizers",
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"))
      }
    }
    return causes
  }

  /// Labels and annotations.
  private static func textViolations(_ metadata: JSONValue) -> [Status.Cause] {
    var causes: [Status.Cause] = []
    for label in metadata["labels"]?.object ?? [:] {
      if !isQualifiedName(label.key) {
        causes.append(.invalidValue("metadata.labels", "\"\(label.key)\"", "name part must consist of \(allowed)"))
      }
      let value = label.value.string ?? ""
      if !value.isEmpty, !isPart(value[...]) {
        causes.append(
          .invalidValue(
            "metadata.labels", "\"\(value)\"", "a valid label must be an empty string or consist of \(allowed)"))
      }
    }
    for annotation in metadata["annotations"]?.object ?? [:] where !isQualifiedName(annotation.key.lowercased()) {
      causes.append(
        .invalidValue("metadata.annotations", "\"\(annotation.key)\"", "name part must consist of \(allowed)"))
    }
    return causes
  }

  private static let allowed =
    "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

  static let notSubdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  /// A name with or without a DNS name and a slash before it.
  private static func isQualifiedName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last, parts.count <= 2, isPart(name) else { return false }
    return parts.count == 1 || isSubdomain(String(parts[0]))
  }

  private static func isPart(_ text: Substring) -> Bool {
    guard text.utf8.count <= 63, isAlphanumeric(text.utf8.first), isAlphanumeric(text.utf8.last) else { return false }
    return text.utf8.allSatisfy {
      isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
    }
  }

  private static func isAlphanumeric(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static func isLowerAlphanumeric(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isSegment(_ name: String) -> Bool {
    name != "." && name != ".." && !name.contains("/") && !name.contains("%")
  }

  static func isSubdomain(_ name: String) -> Bool {
    guard name.utf8.count <= 253 else { return false }
    return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      isLowerAlphanumeric(label.first) && isLowerAlphanumeric(label.last)
        && label.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
  }
}
