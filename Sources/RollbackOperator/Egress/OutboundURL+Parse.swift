/// Why a text is no URL that the operator would send a request to.
///
/// Neither text holds any of the URL but its scheme or host: what else stands in it may be secret.
public struct OutboundURLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, as the end of a sentence whose subject is the URL.
  public var reason: String
  /// What to write instead.
  public var remedy: String

  public var description: String { "the URL \(reason); \(remedy)" }
}

extension OutboundURL {
  /// Parses `http://HOST[:PORT][/PATH][?QUERY]` or the same with `https`.
  ///
  /// - Throws: ``OutboundURLError`` for user information, fragments, control characters, spaces, backslashes, escapes
  ///   in the host, names that are not ASCII, a dot at the end of the name, port 0, IP addresses in any but their
  ///   canonical form (`2130706433`, `0x7f.1`, `0177.0.0.1`, `127.1`, zones) and more than ``maximumLength`` bytes.
  public init(_ text: String) throws(OutboundURLError) {
    guard text.utf8.count <= Self.maximumLength else {
      throw OutboundURLError(reason: "is longer than \(Self.maximumLength) bytes", remedy: "write a shorter one")
    }
    try Self.checkCharacters(text)
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let scheme = Scheme(rawValue: parts[0].lowercased()), parts[1].hasPrefix("//") else {
      throw OutboundURLError(
        reason: "does not begin with http:// or https://", remedy: "write for example http://prometheus.monitoring:9090"
      )
    }
    let rest = parts[1].dropFirst(2)
    let end = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
    let (hostText, port) = try Self.split(authority: rest[..<end])
    let target = rest[end...]
    self.init(
      scheme: scheme, host: try Self.host(hostText), port: port ?? scheme.defaultPort,
      pathAndQuery: target.hasPrefix("/") ? String(target) : "/" + target)
  }

  /// What RFC 3986 lets stand in a URL, without the fragment, whose every `%` begins an escape.
  private static func checkCharacters(_ text: String) throws(OutboundURLError) {
    let bytes = Array(text.utf8)
    let others = Set("-._~:/?@!$&'()*+,;=%[]#".utf8)
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
      case 0x00...0x20, 0x7F:
        throw OutboundURLError(
          reason: "holds a space or a control character", remedy: "leave it out, or write it as an escape such as %20")
      case 0x80...0xFF:
        throw OutboundURLError(
          reason: "holds a character that is not ASCII",
          remedy: "write a name in its ASCII form (xn--…) and other text as escapes such as %C3%A4")
      case UInt8(ascii: "\\"):
        throw OutboundURLError(reason: "holds a backslash", remedy: "write slashes, or the escape %5C")
      case UInt8(ascii: "#"):
        throw OutboundURLError(reason: "has a fragment (#)", remedy: "leave it out; it is never sent to a server")
      case UInt8(ascii: "%"):
        let isEscape = index + 2 < bytes.count && bytes[(index + 1)...(index + 2)].allSatisfy(isHexadecimal)
        guard isEscape else {
          throw OutboundURLError(reason: "has a % that begins no escape", remedy: "write %25")
        }
      default:
        guard others.contains(byte) else {
          throw OutboundURLError(
            reason: "holds a character that no URL may hold", remedy: "write it as an escape such as %7C")
        }
      }
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }

  private static func split(authority: Substring) throws(OutboundURLError) -> (host: Substring, port: UInt16?) {
    guard !authority.contains("@") else {
      throw OutboundURLError(
        reason: "holds a user or a password",
        remedy: "leave it out and put the credentials into a Secret that the policy or the source names")
    }
    var host = authority
    var portText: Substring?
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else {
        throw OutboundURLError(reason: "has a [ without its ]", remedy: "write for example http://[fd00::1]:9090")
      }
      host = authority[...end]
      let after = authority[authority.index(after: end)...]
      guard after.isEmpty || after.first == ":" else {
        throw OutboundURLError(reason: "has text behind the ]", remedy: "write for example http://[fd00::1]:9090")
      }
      portText = after.isEmpty ? nil : after.dropFirst()
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      portText = authority[authority.index(after: colon)...]
    }
    guard let portText else { return (host, nil) }
    guard (1...5).contains(portText.utf8.count), portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = UInt16(portText), port > 0
    else {
      throw OutboundURLError(reason: "has no usable port", remedy: "write a port from 1 to 65535, or none")
    }
    return (host, port)
  }

  private static func host(_ text: Substring) throws(OutboundURLError) -> Host {
    guard !text.isEmpty else {
      throw OutboundURLError(reason: "has no host", remedy: "write for example http://prometheus.monitoring:9090")
    }
    guard !text.contains("%") else {
      throw OutboundURLError(
        reason: "has an escape or a zone in its host", remedy: "write the name or the address in plain letters")
    }
    if text.first == "[" {
      let inner = String(text.dropFirst().dropLast()).lowercased()
      guard let address = IPAddress(inner), !address.isIPv4 else {
        throw OutboundURLError(
          reason: "has something else than an IPv6 address in brackets",
          remedy: "write for example http://[fd00::1]:9090"
        )
      }
      guard address.description == inner else {
        throw OutboundURLError(
          reason: "has an IPv6 address that is not in its canonical form", remedy: "write [\(address)]")
      }
      return .address(address)
    }
    let name = text.lowercased()
    if let address = IPAddress(name) { return .address(address) }
    guard !endsInNumber(name) else {
      throw OutboundURLError(
        reason: "has an IP address in another form than a.b.c.d",
        remedy: "write four numbers from 0 to 255, as 10.0.0.5")
    }
    try checkName(name)
    return .name(name)
  }

  /// Whether C libraries and browsers would read the name as an IPv4 address: its last label is a number, decimal,
  /// octal or hexadecimal (URL Standard, "ends in a number checker").
  private static func endsInNumber(_ name: String) -> Bool {
    var labels = name.split(separator: ".", omittingEmptySubsequences: false)
    if labels.last == "", labels.count > 1 { labels.removeLast() }
    guard let last = labels.last else { return false }
    if !last.isEmpty, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
    return last.hasPrefix("0x") && last.dropFirst(2).utf8.allSatisfy(isHexadecimal)
  }

  private static func checkName(_ name: String) throws(OutboundURLError) {
    guard name.last != "." else {
      throw OutboundURLError(reason: "has a dot at the end of its host", remedy: "leave the dot out")
    }
    let isName =
      name.utf8.count <= 253
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
          }
      }
    guard isName else {
      throw OutboundURLError(
        reason: "has a host that is neither a DNS name nor an IP address",
        remedy: "write for example http://prometheus.monitoring:9090")
    }
  }
}
