import RollbackOperator
import Testing

@Suite("URLs that requests go to")
struct OutboundURLTests {
  @Test(
    "A usable URL is normalised",
    arguments: [
      ("http://prometheus.monitoring:9090", "http://prometheus.monitoring:9090", "/"),
      ("HTTP://Prometheus.Monitoring/a?b=%20#".replacing("#", with: ""), "http://prometheus.monitoring", "/a?b=%20"),
      ("https://api.example.com:443/v1?x", "https://api.example.com", "/v1?x"),
      ("https://api.example.com?x=1", "https://api.example.com", "/?x=1"),
      ("http://10.0.0.5:80/", "http://10.0.0.5", "/"),
      ("http://[FD00::5]:9090/", "http://[fd00::5]:9090", "/"),
      ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example", "/"),
      ("http://a_b.example/p;q:r@s/'(x)'?a=[1]", "http://a_b.example", "/p;q:r@s/'(x)'?a=[1]"),
    ])
  func usable(text: String, shown: String, pathAndQuery: String) throws {
    let url = try OutboundURL(text)
    #expect("\(url)" == shown)
    #expect(url.pathAndQuery == pathAndQuery)
  }

  /// Text, and what the message says of it.
  static let refused: [(String, String)] = [
    ("", "does not begin with"), ("prometheus:9090", "does not begin with"), ("//host/", "does not begin with"),
    ("ftp://host/", "does not begin with"), ("file:///etc/passwd", "does not begin with"),
    ("gopher://host:70/_x", "does not begin with"), ("http:/host", "does not begin with"),
    ("http:host", "does not begin with"), ("unix:///run/x.sock", "does not begin with"),
    ("http+unix://%2Frun%2Fx.sock/", "does not begin with"),
    ("http://", "has no host"), ("http:///path", "has no host"), ("http://:80/", "has no host"),
    ("http://user:hunter2@host/", "holds a user or a password"), ("http://hunter2@host", "holds a user or a password"),
    ("http://allowed.example@169.254.169.254/", "holds a user or a password"),
    ("http://host/#hunter2", "has a fragment"), ("http://allowed.example#@10.0.0.1/", "has a fragment"),
    ("http://host/a b", "a space or a control character"), (" http://host/", "a space or a control character"),
    ("http://host/\r\nX-Evil: hunter2", "a space or a control character"),
    ("http://host\u{0}.example/", "a space or a control character"),
    ("http://host/\t", "a space or a control character"), ("http://host\u{7F}/", "a space or a control character"),
    ("http://allowed.example\\@10.0.0.1/", "holds a backslash"), ("http:\\\\host/", "holds a backslash"),
    ("http://host/%", "a % that begins no escape"), ("http://host/%4", "a % that begins no escape"),
    ("http://host/%zz", "a % that begins no escape"), ("http://host/{x}", "that no URL may hold"),
    ("http://host/a|b", "that no URL may hold"), ("http://host/<x>", "that no URL may hold"),
    ("http://%31%32%37.0.0.1/", "an escape or a zone"), ("http://h%6Fst/", "an escape or a zone"),
    ("http://host%00.example/", "an escape or a zone"), ("http://[fe80::1%25eth0]/", "an escape or a zone"),
    ("http://host:0/", "no usable port"), ("http://host:65536/", "no usable port"), ("http://host:/", "no usable port"),
    ("http://host:-1/", "no usable port"), ("http://host:80:80/", "no usable port"), ("http://::1/", "no usable port"),
    ("http://host:000080/", "no usable port"),
    ("http://host./", "has a dot at the end"), ("http://localhost./", "has a dot at the end"),
    ("http://metadata.google.internal./", "has a dot at the end"),
    ("http://bücher.example/", "not ASCII"), ("http://①②⑦.⓪.⓪.①/", "not ASCII"), ("http://127。0。0。1/", "not ASCII"),
    ("http://ｌocalhost/", "not ASCII"),
    ("http://2130706433/", "another form than a.b.c.d"), ("http://0x7f000001/", "another form than a.b.c.d"),
    ("http://017700000001/", "another form than a.b.c.d"), ("http://0177.0.0.1/", "another form than a.b.c.d"),
    ("http://0x7f.0x0.0x0.0x1/", "another form than a.b.c.d"), ("http://0x7f.1/", "another form than a.b.c.d"),
    ("http://127.1/", "another form than a.b.c.d"), ("http://127.0.1/", "another form than a.b.c.d"),
    ("http://0/", "another form than a.b.c.d"), ("http://0x/", "another form than a.b.c.d"),
    ("http://127.0.0.01/", "another form than a.b.c.d"), ("http://127.0.0.1./", "another form than a.b.c.d"),
    ("http://256.0.0.1/", "another form than a.b.c.d"), ("http://1.2.3.4.5/", "another form than a.b.c.d"),
    ("http://169.254.43518/", "another form than a.b.c.d"), ("http://0XA9FEA9FE/", "another form than a.b.c.d"),
    ("http://a.0x7F/", "another form than a.b.c.d"), ("http://-1/", "neither a DNS name nor an IP address"),
    ("http://[::ffff:169.254.169.254]/", "not in its canonical form"),
    ("http://[0:0:0:0:0:0:0:1]/", "not in its canonical form"), ("http://[::0001]/", "not in its canonical form"),
    ("http://[127.0.0.1]/", "something else than an IPv6 address"), ("http://[]/", "something else than an IPv6"),
    ("http://[v1.x]/", "something else than an IPv6 address"), ("http://[::1/", "a [ without its ]"),
    ("http://[::1]x/", "text behind the ]"), ("http://[::1]x@host/", "holds a user or a password"),
    ("http://a..b/", "neither a DNS name nor an IP address"), ("http://.a/", "neither a DNS name nor an IP address"),
    ("http://-a/", "neither a DNS name nor an IP address"), ("http://a*b/", "neither a DNS name nor an IP address"),
    ("http://a,b/", "neither a DNS name nor an IP address"), ("http://a]/", "neither a DNS name nor an IP address"),
    ("http://\(String(repeating: "a", count: 64)).example/", "neither a DNS name nor an IP address"),
    ("http://\(Array(repeating: "abcdefg", count: 40).joined(separator: "."))/", "neither a DNS name"),
    ("http://host/\(String(repeating: "a", count: 4_096))", "is longer than 4096 bytes"),
  ]

  @Test("What has a second reading is refused, and the message keeps what may be secret", arguments: refused)
  func refuses(text: String, reason: String) throws {
    let error = try #require(throws: OutboundURLError.self) { _ = try OutboundURL(text) }
    #expect(error.reason.contains(reason), "\(error)")
    #expect(!error.remedy.isEmpty)
    #expect(!error.description.contains("hunter2"))
  }

  @Test("A path goes behind the one that is there, and values of the query stay values")
  func appending() throws {
    let base = try OutboundURL("https://metrics.example/tenant/?old=1")
    let url = base.appending(
      path: "/api/v1/query", query: [("query", "up{a=\"b&c#d\"} / 2 +1\r\n"), ("time", "1.5")])
    #expect(
      url.pathAndQuery
        == "/tenant/api/v1/query?query=up%7Ba%3D%22b%26c%23d%22%7D%20%2F%202%20%2B1%0D%0A&time=1.5")
    #expect("\(url)" == "https://metrics.example")
    #expect(try OutboundURL("https://metrics.example").appending(path: "/x").pathAndQuery == "/x")
  }

  @Test(
    "Addresses are written in their canonical form",
    arguments: [
      ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
      ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("::ffff:1.2.3.4", "::ffff:102:304"), ("1.2.3", nil), ("1.2.3.4 ", nil),
      ("01.2.3.4", nil), ("1.2.3.+4", nil), ("fe80::1%1", nil), ("", nil), ("1.2.3.٤", nil), ("::1\u{0}", nil),
    ] as [(String, String?)])
  func addresses(text: String, canonical: String?) {
    #expect(IPAddress(text)?.description == canonical)
  }
}
