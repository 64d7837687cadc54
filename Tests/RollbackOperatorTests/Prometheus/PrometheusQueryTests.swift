import FoundationEssentials
import RollbackCore
import RollbackOperator
import Testing

@Suite("Questions to Prometheus")
struct PrometheusQueryTests {
  static let start = Date(timeIntervalSince1970: 1_766_361_451.25)

  func form(_ query: PrometheusQuery) -> String { String(decoding: query.form, as: UTF8.self) }

  @Test("The form holds the query and its times")
  func forms() {
    #expect(form(.instant(promQL: "up")) == "query=up")
    #expect(form(.instant(promQL: "up", at: Self.start)) == "query=up&time=1766361451.250")
    let range = PrometheusQuery.range(
      promQL: "up", start: Self.start, end: Self.start.addingTimeInterval(60.75), step: .seconds(15))
    #expect(form(range) == "query=up&start=1766361451.250&end=1766361512&step=15")
    #expect(range.path == "/api/v1/query_range" && range.endpoint == .range)
    #expect(PrometheusQuery.instant(promQL: "up").path == "/api/v1/query")
  }

  @Test("Nothing in a query is a second field of the form")
  func encoding() {
    let query = "a{b=\"c&time=1\"} + 1%\n é~-._#"
    #expect(
      form(.instant(promQL: query))
        == "query=a%7Bb%3D%22c%26time%3D1%22%7D%20%2B%201%25%0A%20%C3%A9~-._%23")
  }

  @Test("Steps below a second are written as such; times and steps that cannot be do not trap")
  func extremes() {
    for (milliseconds, text) in [(Int64(5), "0.005"), (0, "0.001"), (-5, "0.001"), (1_500, "1.500")] {
      let step = PolicyDuration(milliseconds: milliseconds)
      let range = PrometheusQuery.range(promQL: "up", start: Self.start, end: Self.start, step: step)
      #expect(form(range).hasSuffix("&step=\(text)"))
    }
    for seconds in [Double.nan, .infinity, -.infinity, 1e300, -1e300] {
      #expect(form(.instant(promQL: "", at: Date(timeIntervalSince1970: seconds))).hasPrefix("query=&time="))
    }
  }
}
