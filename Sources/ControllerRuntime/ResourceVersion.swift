/// How two resource versions of the same kind relate.
///
/// Resource versions are ordered only when both are decimal integers, as API servers backed by etcd give them. Anything
/// else is opaque and can only be compared for equality.
enum ResourceVersionOrder: Sendable, Equatable {
  case same
  case older
  case newer
  case unknown

  /// The order of `left` as seen from `right`: `.newer` when `left` was written after `right`.
  static func of(_ left: String, comparedTo right: String) -> ResourceVersionOrder {
    if left == right { return .same }
    guard let left = number(left), let right = number(right) else { return .unknown }
    return left < right ? .older : left > right ? .newer : .same
  }

  /// The number of a resource version, or nil of an opaque one.
  static func number(_ text: String) -> UInt64? {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return UInt64(text)
  }
}
