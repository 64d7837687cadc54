import RollbackCore
import Testing

@Suite("Queries for alerts")
struct PromQLSelectorTests {
  @Test("A firing alert is asked for by its name and labels, in one order")
  func alerts() {
    #expect(PromQLSelector.firingAlert(named: "High") == #"ALERTS{alertname="High",alertstate="firing"}"#)
    #expect(
      PromQLSelector.firingAlert(named: "High", labels: ["team": "a", "service": "web"])
        == #"ALERTS{alertname="High",alertstate="firing",service="web",team="a"}"#)
  }

  @Test("What stands in names and values changes no query")
  func hostile() throws {
    for value in PromQLInjectionTests.values(1_000) {
      let query = try #require(PromQLSelector.firingAlert(named: value, labels: ["service": value]))
      let tokens = try #require(PromQLToken.tokens(of: query))
      #expect(tokens.count == 14, "\(query)")
      let texts = tokens.filter { $0.kind == .string }.map { Array($0.text.unicodeScalars) }
      #expect(texts == [Array(value.unicodeScalars), Array("firing".unicodeScalars), Array(value.unicodeScalars)])
    }
  }

  @Test("A label with another name is refused", arguments: ["", "a-b", "1a", "a=\"b\",c", "é", "a b", "a\n"])
  func names(name: String) {
    #expect(PromQLSelector.firingAlert(named: "High", labels: [name: "x"]) == nil)
  }
}
