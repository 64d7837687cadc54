import Yams

/// A part of the configuration file that has a structure of its own, as it is being read: every complaint is kept with
/// its place.
struct ConfigurationNode {
  /// One complaint.
  struct Complaint: Equatable {
    var path: String
    var line: Int?
    var rejection: Rejection
  }

  /// Path in the file, as `sources[0].prometheus`.
  let path: String
  let line: Int?
  private let node: Yams.Node

  init(_ node: Yams.Node, path: String, line: Int?) {
    self.node = node
    self.path = path
    self.line = line ?? node.mark?.line
  }

  func complaint(_ reason: String, _ remedy: String) -> Complaint {
    Complaint(path: path, line: line, rejection: Rejection(reason: reason, remedy: remedy))
  }

  private var isNull: Bool {
    guard let scalar = node.scalar, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// The elements of a list.
  func elements(example: String, _ complaints: inout [Complaint]) -> [ConfigurationNode] {
    guard let sequence = node.sequence else {
      complaints.append(complaint("takes a list", "write for example \(example)"))
      return []
    }
    return sequence.enumerated().map { ConfigurationNode($0.element, path: "\(path)[\($0.offset)]", line: nil) }
  }

  /// The members of a mapping that may have `keys`, without those that have no value; `nil` when it is no mapping.
  func members(_ keys: [String], _ complaints: inout [Complaint]) -> [String: ConfigurationNode]? {
    let remedy = "the keys of \(path) are \(keys.joined(separator: ", "))"
    guard let mapping = node.mapping else {
      complaints.append(complaint("is not a mapping of keys to values", remedy))
      return nil
    }
    var found: [String: ConfigurationNode] = [:]
    for (key, value) in mapping {
      let name = key.scalar?.string ?? ""
      guard keys.contains(name) else {
        let shown = String(quoted(name).dropFirst().dropLast())
        let place = ConfigurationNode(value, path: "\(path).\(shown)", line: key.mark?.line)
        complaints.append(place.complaint("is not a key that this version knows", remedy))
        continue
      }
      let member = ConfigurationNode(value, path: "\(path).\(name)", line: key.mark?.line)
      if !member.isNull { found[name] = member }
    }
    return found
  }

  /// A single value, read by `parse`.
  func value<Value>(
    _ complaints: inout [Complaint], _ parse: (String) throws(Rejection) -> Value
  ) -> Value? {
    guard let text = node.scalar?.string else {
      complaints.append(complaint("takes a single value", "write one"))
      return nil
    }
    do throws(Rejection) {
      return try parse(text)
    } catch {
      complaints.append(Complaint(path: path, line: line, rejection: error))
      return nil
    }
  }
}
