/// Which addresses a policy's own URL may never reach, whatever is listed, and which only by name.
///
/// Blocks and their meaning are those of the IANA special-purpose address registries (RFC 6890 and what came after it);
/// an IPv6 address that carries an IPv4 address is judged as that one too.
public struct AddressRules: Sendable {
  /// What an address is, seen from a policy.
  public enum Verdict: Sendable, Hashable {
    case everybody
    /// Of a private network: only for a host that was listed, or a Service.
    case privateNetwork
    /// Never; the text names the kind, as `a loopback address`.
    case forbidden(String)
  }

  /// The addresses of the API server.
  let apiServer: Set<IPAddress>
  /// Names by which the API server is known, in lower case.
  let apiServerNames: Set<String>

  /// - Parameters:
  ///   - apiServer: what the API server's host was resolved to, and the cluster IP of `kubernetes.default`, as far as
  ///     they are known.
  ///   - apiServerNames: the host in the operator's own address of the API server.
  public init(apiServer: some Sequence<IPAddress> = [], apiServerNames: some Sequence<String> = []) {
    self.apiServer = Set(apiServer)
    self.apiServerNames = Set(apiServerNames.map { $0.lowercased() })
  }

  /// What is known of `address` alone.
  public func judge(_ address: IPAddress) -> Verdict {
    let verdicts = ([address] + Self.embedded(in: address)).map(judgeAlone)
    if let forbidden = verdicts.first(where: { if case .forbidden = $0 { true } else { false } }) { return forbidden }
    return verdicts.contains(.privateNetwork) ? .privateNetwork : .everybody
  }

  /// Why a name may never be asked for; `nil` when its addresses decide.
  func forbiddenName(_ name: String) -> String? {
    if name == "localhost" || name.hasSuffix(".localhost") || Self.loopbackNames.contains(name) {
      return "a loopback address"
    }
    if Self.metadataNames.contains(name) { return "the metadata service of the cloud" }
    let isCluster =
      name == "kubernetes" || name == "kubernetes.default" || name == "kubernetes.default.svc"
      || name.hasPrefix("kubernetes.default.svc.")
    return isCluster || apiServerNames.contains(name) ? "the API server" : nil
  }

  private static let loopbackNames: Set<String> = [
    "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback",
  ]
  private static let metadataNames: Set<String> = [
    "metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal",
  ]

  private func judgeAlone(_ address: IPAddress) -> Verdict {
    if apiServer.contains(address) { return .forbidden("an address of the API server") }
    for block in address.isIPv4 ? Self.blocks4 : Self.blocks6 where block.holds(address) { return block.verdict }
    return .everybody
  }

  // MARK: blocks

  private struct Block: Sendable {
    var prefix: [UInt8]
    var bits: Int
    var verdict: Verdict

    func holds(_ address: IPAddress) -> Bool { address.begins(with: prefix, bits: bits) }
  }

  private static func block(_ text: String, _ bits: Int, _ verdict: Verdict) -> Block? {
    IPAddress(text).map { Block(prefix: $0.bytes, bits: bits, verdict: verdict) }
  }

  private static let loopback = Verdict.forbidden("a loopback address")
  private static let linkLocal = Verdict.forbidden("a link-local address")
  private static let metadata = Verdict.forbidden("the metadata service of the cloud")
  private static let multicast = Verdict.forbidden("a multicast address")
  private static let reserved = Verdict.forbidden("a reserved address")
  private static let unspecified = Verdict.forbidden("the unspecified address")

  /// Single addresses first: the first block that holds an address decides.
  private static let blocks4: [Block] = [
    block("169.254.169.254", 32, metadata),
    block("169.254.170.2", 32, metadata),
    block("100.100.100.200", 32, metadata),
    block("168.63.129.16", 32, metadata),
    block("192.0.0.192", 32, metadata),
    block("0.0.0.0", 8, unspecified),
    block("127.0.0.0", 8, loopback),
    block("169.254.0.0", 16, linkLocal),
    block("192.0.0.0", 24, reserved),
    block("192.88.99.0", 24, reserved),
    block("224.0.0.0", 4, multicast),
    block("255.255.255.255", 32, .forbidden("the broadcast address")),
    block("240.0.0.0", 4, reserved),
    block("10.0.0.0", 8, .privateNetwork),
    block("172.16.0.0", 12, .privateNetwork),
    block("192.168.0.0", 16, .privateNetwork),
    block("100.64.0.0", 10, .privateNetwork),
    block("198.18.0.0", 15, .privateNetwork),
  ].compactMap(\.self)

  private static let blocks6: [Block] = [
    block("::", 128, unspecified),
    block("::1", 128, loopback),
    block("fd00:ec2::254", 128, metadata),
    block("fd20:ce::254", 128, metadata),
    block("fe80::", 10, linkLocal),
    block("ff00::", 8, multicast),
    block("100::", 64, reserved),
    block("2001::", 32, reserved),
    block("fc00::", 7, .privateNetwork),
    block("fec0::", 10, .privateNetwork),
    block("64:ff9b:1::", 48, .privateNetwork),
  ].compactMap(\.self)

  /// IPv6 blocks with an IPv4 address inside, and the byte at which it begins: IPv4-compatible and IPv4-mapped
  /// (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056).
  private static let carriers: [(block: Block, offset: Int)] = [
    ("::", 96, 12), ("::ffff:0:0", 96, 12), ("::ffff:0:0:0", 96, 12), ("64:ff9b::", 96, 12), ("64:ff9b:1::", 48, 12),
    ("2002::", 16, 2),
  ].compactMap { text, bits, offset in block(text, bits, .everybody).map { ($0, offset) } }

  /// The IPv4 addresses that an IPv6 address stands for or leads to.
  private static func embedded(in address: IPAddress) -> [IPAddress] {
    guard !address.isIPv4 else { return [] }
    var found: [IPAddress] = []
    for carrier in carriers where carrier.block.holds(address) {
      if let inner = IPAddress(bytes: address.bytes[carrier.offset..<(carrier.offset + 4)]) { found.append(inner) }
    }
    // ISATAP (RFC 5214): an interface identifier that is made from an IPv4 address.
    if address.bytes[9] == 0, address.bytes[10] == 0x5E, address.bytes[11] == 0xFE,
      let inner = IPAddress(bytes: address.bytes[12...])
    {
      found.append(inner)
    }
    return found
  }
}
