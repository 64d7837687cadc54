import KubernetesClient

/// What the path and the query of a request are about.
struct RequestTarget {
  /// The parts of the path, escapes resolved.
  var segments: [String]
  private var query: [(name: String, value: String)]

  init(path: String) {
    let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    segments = (parts.first ?? "").split(separator: "/").map { Self.decoded($0) }
    query =
      parts.count < 2
      ? []
      : parts[1].split(separator: "&").map { item in
        let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (Self.decoded(sides.first ?? ""), sides.count > 1 ? Self.decoded(sides[1]) : "")
      }
  }

  /// A parameter that is there and not empty.
  func parameter(_ name: String) -> String? {
    query.first { $0.name == name && !$0.value.isEmpty }?.value
  }

  func isSet(_ name: String) -> Bool {
    guard let value = query.first(where: { $0.name == name })?.value else { return false }
    return value != "false" && value != "0"
  }

  private static func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
      return String(text)
    }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest.removeFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The object, or the collection, that a request is about.
struct ResourceTarget {
  var kind: Int
  var namespace: String?
  var name: String?
  var subresource: String?
}

extension ClusterState {
  /// - Returns: `nil` for a path that is no resource.
  func resourceTarget(_ segments: [String]) -> ResourceTarget? {
    var rest = segments[...]
    let prefix: String
    switch rest.popFirst() {
    case "api":
      guard let version = rest.popFirst() else { return nil }
      prefix = version
    case "apis":
      guard let group = rest.popFirst(), let version = rest.popFirst() else { return nil }
      prefix = "\(group)/\(version)"
    default: return nil
    }
    var namespace: String?
    if rest.first == "namespaces", rest.count >= 3, let third = rest.dropFirst(2).first,
      !["status", "finalize"].contains(third) || rest.count > 3
    {
      rest.removeFirst()
      namespace = rest.popFirst()
    }
    guard let plural = rest.popFirst(), let kind = kindIndex["\(prefix)/\(plural)"] else { return nil }
    guard kinds[kind].resource.isNamespaced || namespace == nil else { return nil }
    let name = rest.popFirst()
    let subresource = rest.popFirst()
    guard rest.isEmpty else { return nil }
    return ResourceTarget(kind: kind, namespace: namespace, name: name, subresource: subresource)
  }
}
