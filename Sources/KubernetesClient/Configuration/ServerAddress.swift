/// The address of an API server.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
  /// `https`, or `http` for a local proxy such as `kubectl proxy`.
  public enum Scheme: String, Sendable { case https, http }

  public var scheme: Scheme
  /// Host name or IP address; an IPv6 address without brackets.
  public var host: String
  public var port: Int
  /// Path before every request's own path, without a slash at its end; empty in most clusters.
  public var basePath: String

  public init(scheme: Scheme = .https, host: String, port: Int = 443, basePath: String = "") {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.basePath = basePath
  }

  /// Reads `https://host:port/path`; without a scheme, `host:port` means `http` as it does for kubectl.
  ///
  /// - Returns: `nil` for an address with user information, a query, a fragment, another scheme, or characters that
  ///   do not belong into an address.
  public init?(_ text: String) {
    var rest = Substring(text)
    let scheme: Scheme
    if let range = rest.firstRange(of: "://") {
      guard let known = Scheme(rawValue: rest[..<range.lowerBound].lowercased()) else { return nil }
      scheme = known
      rest = rest[range.upperBound...]
    } else {
      scheme = .http
    }
    guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\\\"<>^`{|}".utf8.contains($0) }) else { return nil }
    guard !rest.contains(where: { "@?#".contains($0) }) else { return nil }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var path = rest[slash...]
    while path.last == "/" { path.removeLast() }
    guard let (host, port) = Self.split(authority: rest[..<slash]) else { return nil }
    self.init(scheme: scheme, host: host, port: port ?? (scheme == .https ? 443 : 80), basePath: String(path))
  }

  private static func split(authority: Substring) -> (host: String, port: Int?)? {
    var host = authority
    var portText: Substring?
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<end]
      guard host.contains(":") else { return nil }
      let after = authority[authority.index(after: end)...]
      guard after.isEmpty || after.first == ":" else { return nil }
      portText = after.isEmpty ? nil : after.dropFirst()
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      portText = authority[authority.index(after: colon)...]
    }
    guard !host.isEmpty, !host.contains("["), !host.contains("]") else { return nil }
    guard let portText else { return (String(host), nil) }
    guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(portText), (1...65535).contains(port)
    else { return nil }
    return (String(host), port)
  }

  /// Host and port as they stand in an address, IPv6 in brackets.
  var authority: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  public var description: String { "\(scheme.rawValue)://\(authority)\(basePath)" }
}
