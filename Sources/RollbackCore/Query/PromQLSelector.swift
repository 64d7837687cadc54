/// Queries that the operator writes itself.
public enum PromQLSelector {
  /// The series of an alert that fires at this moment: `ALERTS{alertname="…",alertstate="firing",…}`.
  ///
  /// Names and values are escaped, so that they mean themselves. Labels go in the order of their names: equal wishes
  /// are equal queries.
  ///
  /// - Returns: `nil` if a label's name is not one of Prometheus's classic names (letters, digits and underscores, not
  ///   beginning with a digit).
  public static func firingAlert(named name: String, labels: [String: String] = [:]) -> String? {
    guard labels.keys.allSatisfy(isLabelName) else { return nil }
    let wanted = labels.sorted { $0.key < $1.key }.map { matcher($0.key, $0.value) }
    return "ALERTS{\(([matcher("alertname", name), matcher("alertstate", "firing")] + wanted).joined(separator: ","))}"
  }

  private static func matcher(_ label: String, _ value: String) -> String {
    "\(label)=\"\(PromQLEscape.stringContent(value))\""
  }

  private static func isLabelName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
