import KubernetesClient
import RollbackOperator
import Testing

@Suite("Addresses that a policy may reach")
struct AddressRulesTests {
  static let rules = AddressRules(
    apiServer: [IPAddress("203.0.113.6"), IPAddress("10.96.0.1"), IPAddress("2001:db8::6")].compactMap(\.self),
    apiServerNames: ["API.example"])

  /// Addresses, and the kind that the message names.
  static let forbidden: [(String, String)] = [
    ("127.0.0.1", "a loopback address"), ("127.255.255.254", "a loopback address"), ("::1", "a loopback address"),
    ("0.0.0.0", "the unspecified address"), ("0.1.2.3", "the unspecified address"), ("::", "the unspecified address"),
    ("169.254.0.1", "a link-local address"), ("169.254.255.255", "a link-local address"),
    ("fe80::1", "a link-local address"), ("febf::1", "a link-local address"),
    ("169.254.169.254", "the metadata service of the cloud"), ("169.254.170.2", "the metadata service of the cloud"),
    ("100.100.100.200", "the metadata service of the cloud"), ("168.63.129.16", "the metadata service of the cloud"),
    ("192.0.0.192", "the metadata service of the cloud"), ("fd00:ec2::254", "the metadata service of the cloud"),
    ("fd20:ce::254", "the metadata service of the cloud"),
    ("224.0.0.1", "a multicast address"), ("239.255.255.255", "a multicast address"),
    ("ff02::1", "a multicast address"),
    ("255.255.255.255", "the broadcast address"), ("240.0.0.1", "a reserved address"),
    ("192.0.0.1", "a reserved address"), ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "a reserved address"),
    ("203.0.113.6", "an address of the API server"), ("10.96.0.1", "an address of the API server"),
    ("2001:db8::6", "an address of the API server"),
    // Carried inside IPv6: mapped, compatible, translated, NAT64, 6to4, ISATAP.
    ("::ffff:127.0.0.1", "a loopback address"), ("::ffff:169.254.169.254", "the metadata service of the cloud"),
    ("::127.0.0.1", "a loopback address"), ("::ffff:0:127.0.0.1", "a loopback address"),
    ("64:ff9b::169.254.169.254", "the metadata service of the cloud"), ("64:ff9b::7f00:1", "a loopback address"),
    ("64:ff9b:1::169.254.169.254", "the metadata service of the cloud"),
    ("2002:7f00:1::", "a loopback address"), ("2002:a9fe:a9fe::1", "the metadata service of the cloud"),
    ("2001:db8::5efe:127.0.0.1", "a loopback address"), ("2001:db8::200:5efe:a9fe:a9fe", "the metadata"),
    ("::ffff:203.0.113.6", "an address of the API server"), ("64:ff9b::10.96.0.1", "an address of the API server"),
  ]

  @Test("Never, whatever is listed", arguments: forbidden)
  func never(text: String, kind: String) throws {
    guard case .forbidden(let named) = Self.rules.judge(try #require(IPAddress(text))) else {
      Issue.record("\(text) may be reached")
      return
    }
    #expect(named.hasPrefix(kind))
  }

  @Test(
    "Only behind a name that is listed or a Service",
    arguments: [
      "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255",
      "198.18.0.1", "fc00::1", "fdff::1", "fec0::1", "::ffff:10.0.0.1", "64:ff9b::192.168.0.1", "2002:a00:1::",
    ])
  func privately(text: String) throws {
    #expect(Self.rules.judge(try #require(IPAddress(text))) == .privateNetwork)
  }

  @Test(
    "For everybody",
    arguments: [
      "8.8.8.8", "1.0.0.1", "126.255.255.255", "128.0.0.1", "169.253.255.255", "172.15.0.1", "172.32.0.1", "11.0.0.0",
      "100.63.255.255", "100.128.0.0", "223.255.255.255", "203.0.113.7", "2600::1", "64:ff9b::8.8.8.8",
      "2002:808:808::",
    ])
  func publicly(text: String) throws {
    #expect(Self.rules.judge(try #require(IPAddress(text))) == .everybody)
  }
}
