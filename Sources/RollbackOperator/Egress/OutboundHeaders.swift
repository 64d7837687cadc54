/// Which header fields a request may carry.
enum OutboundHeaders {
  static let maximumCount = 64
  /// All names and values together, in bytes.
  static let maximumSize = 16 * 1_024

  /// Fields that say where a request goes, where it ends or what becomes of the connection: the client's own.
  private static let reserved: Set<String> = [
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
    "proxy-connection", "proxy-authorization",
  ]

  /// What is wrong with the fields, as the end of a sentence; `nil` when they may be sent. Values are never repeated.
  static func problem(with headers: [(name: String, value: String)]) -> String? {
    guard headers.count <= maximumCount else { return "has more than \(maximumCount) header fields" }
    guard headers.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count }) <= maximumSize else {
      return "has more than \(maximumSize) bytes of header fields"
    }
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(isToken) else {
        return "has a header field whose name is not made of letters, digits and dashes"
      }
      guard !reserved.contains(name.lowercased()) else {
        return "sets the header field \(quoted(name)), which only the operator itself may set"
      }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        return "has a line break or a control character in the value of the header field \(quoted(name))"
      }
    }
    return nil
  }

  /// RFC 9110, section 5.6.2.
  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
