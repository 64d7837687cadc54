/// What Kubernetes takes for names. Text that is no name never becomes part of a request's path.
enum ObjectName {
  /// A DNS label, as of RFC 1123.
  static func isLabel(_ text: some StringProtocol, longest: Int = 63) -> Bool {
    guard (1...longest).contains(text.utf8.count), text.first != "-", text.last != "-" else { return false }
    return text.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-")
    }
  }

  /// A DNS subdomain, which is what most objects are named by.
  static func isSubdomain(_ text: String) -> Bool {
    text.utf8.count <= 253
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0, longest: 253) }
  }
}
