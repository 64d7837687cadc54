import FoundationEssentials
import RollbackOperator
import Testing

@Suite("Credentials of sources")
struct MetricSourceFilesTests {
  private static func source(headers: String? = nil, token: String? = nil) throws -> MetricSource.Prometheus {
    var source = MetricSource.Prometheus(address: try OutboundURL("https://metrics.example"))
    source.headersFile = headers
    source.bearerTokenFile = token
    return source
  }

  private static func lines(_ headers: [(name: String, value: String)]) -> [String] {
    headers.map { "\($0.name): \($0.value)" }
  }

  @Test("Header fields stand one a line, and a token goes behind them")
  func headers() throws {
    let content = "# tenants\nX-Scope-OrgID:  shop|api \r\n\nX-Empty:\n"
    try withFile(content) { headers in
      try withFile(" secret\n") { token in
        let found = try MetricSourceFiles().credentials(of: try Self.source(headers: headers, token: token))
        #expect(Self.lines(found.headers) == ["X-Scope-OrgID: shop|api", "X-Empty: ", "Authorization: Bearer secret"])
        #expect(found.tls == nil)
      }
    }
  }

  @Test("A file that changes counts from the next request on")
  func rotation() throws {
    try withFile("one") { path in
      let files = MetricSourceFiles()
      let source = try Self.source(token: path)
      #expect(Self.lines(try files.credentials(of: source).headers) == ["Authorization: Bearer one"])
      #expect(Self.lines(try files.credentials(of: source).headers) == ["Authorization: Bearer one"])
      try Data("another".utf8).write(to: URL(filePath: path))
      #expect(Self.lines(try files.credentials(of: source).headers) == ["Authorization: Bearer another"])
    }
  }

  @Test("TLS files are given as they are")
  func tls() throws {
    try withFile("ca") { authority in
      var source = try Self.source()
      source.tls.caFile = authority
      #expect(try MetricSourceFiles().credentials(of: source).tls == OutboundTLS(authority: Array("ca".utf8)))
    }
  }

  @Test("What is wrong with a file is said with its name and without its content")
  func mistakes() throws {
    func message(headers: String? = nil, token: String? = nil) throws -> String {
      let source = try Self.source(headers: headers, token: token)
      do throws(MetricSourceFileError) {
        _ = try MetricSourceFiles().credentials(of: source)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(try message(token: "/does/not/exist").contains("\"/does/not/exist\" cannot be read"))
    try withFile("\n") { path in
      let text = try message(token: path)
      #expect(text.contains("is empty; write the token into it"))
    }
    try withFile("X-A: 1\nsecret") { path in
      let text = try message(headers: path)
      #expect(text.contains("line 2 of the headers file"))
      #expect(!text.contains("secret"))
    }
    try withFile("authorization: Basic secret") { headers in
      try withFile("t") { token in
        let text = try message(headers: headers, token: token)
        #expect(text.contains("holds Authorization beside a bearer token"))
        #expect(!text.contains("secret"))
      }
    }
  }
}
