/// The order of resource versions, as far as there is one.
enum ResourceVersions {
  /// Whether `first` was written before `second`; `false` unless both are decimal integers, as they are with etcd.
  static func isOlder(_ first: String, than second: String) -> Bool {
    guard let first = digits(first), let second = digits(second) else { return false }
    if first.count != second.count { return first.count < second.count }
    return first.lexicographicallyPrecedes(second)
  }

  private static func digits(_ text: String) -> Substring.UTF8View? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return text.drop { $0 == "0" }.utf8
  }
}
