/// An address that the operator sends a request to on behalf of a policy or of the configuration: parsed, checked and
/// normalised, so that everybody behind it reads the same host.
///
/// Two readers of one URL that disagree on its host are how a check is passed by. So the grammar is narrow: what has a
/// second reading is refused instead of interpreted.
public struct OutboundURL: Hashable, Sendable, CustomStringConvertible {
  /// `http` or `https`.
  public enum Scheme: String, Sendable, Hashable {
    case http
    case https

    /// The port where the URL names none.
    public var defaultPort: UInt16 { self == .http ? 80 : 443 }
  }

  /// What stands between `//` and the port.
  public enum Host: Hashable, Sendable, CustomStringConvertible {
    /// A DNS name in lower case, without a dot at its end.
    case name(String)
    case address(IPAddress)

    /// As it stands in a URL: IPv6 in brackets.
    public var description: String {
      switch self {
      case .name(let name): name
      case .address(let address): address.isIPv4 ? "\(address)" : "[\(address)]"
      }
    }
  }

  public let scheme: Scheme
  public let host: Host
  public let port: UInt16
  /// Path and query, percent-encoded; begins with a slash.
  public let pathAndQuery: String

  /// The longest URL that is read, in bytes.
  public static let maximumLength = 4_096

  init(scheme: Scheme, host: Host, port: UInt16, pathAndQuery: String) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.pathAndQuery = pathAndQuery
  }

  /// Scheme, host and port: all of a URL that may stand in a message, because paths and queries hold secrets.
  public var description: String { "\(scheme.rawValue)://\(authority)" }

  /// Host, and port where it is not the scheme's own.
  var authority: String { port == scheme.defaultPort ? "\(host)" : "\(host):\(port)" }

  /// The same server with `path` behind the path that is there and with these query items instead of its query; names
  /// and values are percent-encoded here, `path` is not and must be a constant such as `/api/v1/query`.
  public func appending(path: String, query: [(name: String, value: String)] = []) -> OutboundURL {
    var base = pathAndQuery.prefix { $0 != "?" }
    while base.last == "/" { base.removeLast() }
    let items = query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    return OutboundURL(
      scheme: scheme, host: host, port: port, pathAndQuery: base + path + (items.isEmpty ? "" : "?" + items))
  }

  /// `text` with everything but letters, digits and `-._~` percent-encoded.
  public static func encoded(_ text: String) -> String {
    var result: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
      default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
