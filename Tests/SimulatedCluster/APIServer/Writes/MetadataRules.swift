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

  static func violations(_ object: JSONValue, old: JSONValue?) -> [Status.Cause] {
    let metadata = object["metadata"]
    guard let old else {
      let name = metadata?["name"]?.string ?? ""
      if name.isEmpty { return [.required("metadata.name", "name or generateName is required")] }
      return isSubdomain(name) ? [] : [.invalidValue("metadata.name", "\"\(name)\"", notSubdomain)]
    }
    var causes: [Status.Cause] = []
    for key in ["name", "namespace", "uid", "creationTimestamp"] {
      let before = old["metadata"]?[key]?.string
      guard let now = metadata?[key]?.string, now != before else { continue }
      causes.append(.invalidValue("metadata.\(key)", "\"\(now)\"", "field is immutable"))
    }
    return causes
  }

  static let notSubdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  private static func isSubdomain(_ name: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8?) -> Bool {
      guard let byte else { return false }
      return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard name.utf8.count <= 253 else { return false }
    return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      isAlphanumeric(label.first) && isAlphanumeric(label.last)
        && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
  }
}
