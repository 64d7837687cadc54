/// One entry of `egress.allow`: a host, `*.` and a domain (every name below it), or `*` (every host that is not on a
/// private network), each with `:PORT` if only that port is meant.
public struct EgressPattern: Sendable, Hashable, CustomStringConvertible {
  enum Hosts: Sendable, Hashable {
    case all
    case host(OutboundURL.Host)
    /// The names that end in this text, which begins with a dot.
    case below(String)
  }

  let hosts: Hosts
  /// `nil`: every port.
  let port: UInt16?

  /// - Returns: `nil` for a text that is no pattern.
  public init?(_ text: String) {
    guard text.utf8.count <= 260, !text.contains("/"), !text.contains("?") else { return nil }
    var host = Substring(text)
    var port: UInt16?
    if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
      // A port is written as in a URL, where 080 or +80 have no place.
      let digits = text[text.index(after: colon)...]
      guard let number = UInt16(digits), number > 0, String(number) == digits else { return nil }
      port = number
      host = text[..<colon]
    }
    self.port = port
    if host == "*" {
      hosts = .all
    } else if host.hasPrefix("*.") {
      guard case .name(let domain)? = Self.host(host.dropFirst(2)) else { return nil }
      hosts = .below("." + Self.withoutClusterDomain(domain))
    } else {
      switch Self.host(host) {
      case .name(let name): hosts = .host(.name(Self.withoutClusterDomain(name)))
      case .address(let address): hosts = .host(.address(address))
      case nil: return nil
      }
    }
  }

  private static func host(_ text: Substring) -> OutboundURL.Host? {
    do {
      return try OutboundURL("http://\(text)").host
    } catch {
      return nil
    }
  }

  /// `a.b.svc.cluster.local` and `a.b.svc` are one Service.
  private static func withoutClusterDomain(_ name: String) -> String {
    let suffix = ".svc.cluster.local"
    return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) + ".svc" : name
  }

  /// Whether it names no host at all.
  var isForAll: Bool { hosts == .all }

  /// Whether a request to this URL is meant.
  public func matches(_ url: OutboundURL) -> Bool {
    guard port == nil || port == url.port else { return false }
    switch (hosts, url.host) {
    case (.all, _): return true
    case (.host(.name(let wanted)), .name(let name)): return wanted == Self.withoutClusterDomain(name)
    case (.host(.address(let wanted)), .address(let address)): return wanted == address
    case (.below(let suffix), .name(let name)): return Self.withoutClusterDomain(name).hasSuffix(suffix)
    case (.host, _), (.below, .address): return false
    }
  }

  public var description: String {
    let host =
      switch hosts {
      case .all: "*"
      case .host(let host): "\(host)"
      case .below(let suffix): "*\(suffix)"
      }
    return port.map { "\(host):\($0)" } ?? host
  }
}
