import FoundationEssentials
import KubernetesClient
import Testing

@Suite("JSON values")
struct JSONValueTests {
  @Test(
    "Text comes out as it went in",
    arguments: [
      "{\"b\":1.0,\"a\":[1e3,-0,12345678901234567890,0.10],\"c\":{\"z\":null,\"y\":true}}",
      "\"a\\\"\\\\\\n\\u0001é😀/\"", "[]", "{}",
      "[[],{},\"\"]",
    ])
  func roundTrip(text: String) throws {
    let value = try JSONValue(parsing: text)
    #expect(value.description == text)
    #expect(try JSONValue(parsing: value.serialized()) == value)
  }

  @Test("Of members with the same key the last wins, in few and in many", arguments: [1, 100])
  func duplicates(count: Int) throws {
    let members = (0..<count).flatMap { ["\"k\($0)\":1", "\"k\($0)\":2"] } + ["\"k0\":3"]
    let value = try JSONValue(parsing: "{\(members.joined(separator: ","))}")
    #expect(value.object?.count == count)
    #expect(value["k0"] == 3)
    #expect(value.object?.first?.key == "k0")
    if count > 1 { #expect(value["k1"] == 2) }
  }

  @Test("Many members with the same key, and many with different ones, take no quadratic time")
  func hostileObject() throws {
    let same = "{" + String(repeating: "\"a\":0,", count: 100_000) + "\"a\":1}"
    #expect(try JSONValue(parsing: same) == ["a": 1])
    let different = "{" + (0..<20_000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    let value = try JSONValue(parsing: different)
    #expect(value.object?.count == 20_000)
    #expect(value.isSemanticallyEqual(to: value))
  }

  @Test("Keys and strings that only look the same are different")
  func canonicalEquivalence() throws {
    let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
    #expect(value.object?.count == 2)
    #expect(value["\u{e9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
  }

  @Test(
    "Values are compared by meaning",
    arguments: [
      ("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true), ("1", "1.0", true), ("1e2", "100", true), ("-0", "0", true),
      ("0.1", "0.10", true), ("12345678901234567890", "12345678901234567891", false), ("[1,2]", "[2,1]", false),
      ("{\"a\":1}", "{\"a\":1,\"b\":null}", false), ("{\"a\":1}", "{\"b\":1}", false), ("\"1\"", "1", false),
      ("null", "false", false), ("1e999999999999999999999", "1e999999999999999999998", false), ("1.5", "-1.5", false),
      ("{\"a\":[{\"x\":1.0,\"y\":2}]}", "{\"a\":[{\"y\":2,\"x\":1}]}", true), ("1e400", "10e399", true),
    ])
  func semanticEquality(first: String, second: String, expected: Bool) throws {
    let one = try JSONValue(parsing: first)
    let other = try JSONValue(parsing: second)
    #expect(one.isSemanticallyEqual(to: other) == expected)
    #expect(other.isSemanticallyEqual(to: one) == expected)
  }

  @Test("Members and elements are read, set and removed")
  func subscripts() {
    var value: JSONValue = [
      "spec": ["replicas": 3, "list": [1, 2, 3]], "text": "x", "flag": true, "none": nil, "pi": 3.5,
    ]
    #expect(value["spec"]?["replicas"]?.int64 == 3)
    #expect(value["spec"]?["missing"]?["deep"] == nil)
    #expect(value["spec"]?["list"]?[2]?.int == 3)
    #expect(value["spec"]?["list"]?[3] == nil)
    #expect(value["spec"]?["list"]?[-1] == nil)
    #expect(value["none"]?.isNull == true)
    #expect(value["flag"]?.bool == true)
    #expect(value["pi"]?.double == 3.5)
    value["spec"]?["replicas"] = 5
    value["text"] = nil
    value["new"] = "\(1 + 1)"
    value["spec"]?["list"]?[0] = nil
    #expect(value.description == #"{"spec":{"replicas":5,"list":[2,3]},"flag":true,"none":null,"pi":3.5,"new":"2"}"#)
  }

  @Test("JSON pointers find, set and remove")
  func pointers() throws {
    var value: JSONValue = ["metadata": ["annotations": ["a.b/c~d": "x"]], "list": [["n": 1], ["n": 2]], "": 0]
    #expect(value.at("/metadata/annotations/a.b~1c~0d") == "x")
    #expect(value.at("") == value)
    #expect(value.at("/") == 0)
    #expect(value.at("/list/1/n") == 2)
    for missing: JSONPointer in [
      "/list/2", "/list/01", "/list/-", "/list/-1", "/list/x", "/list/99999999999999999999", "/x/y",
    ] {
      #expect(value.at(missing) == nil)
    }
    #expect(JSONPointer(tokens: ["a/b", "c~d"]).description == "/a~1b/c~0d")
    #expect(JSONPointer("/a~01").tokens == ["a~1"])
    let results = [
      value.set("/metadata/labels/app", to: "web"), value.set("/list/0/n", to: 7),
      value.set("/metadata/annotations", to: nil), value.set("/nothing/here", to: nil), value.set("/list/5", to: 1),
      value.set("/list/0/n/deep", to: 1),
    ]
    #expect(results == [true, true, true, true, false, false])
    #expect(value == ["metadata": ["labels": ["app": "web"]], "list": [["n": 7], ["n": 2]], "": 0])
  }

  @Test("Numbers that JSON cannot write become null")
  func nonFinite() {
    #expect(JSONValue(Double.infinity) == .null)
    #expect(JSONNumber(Double.nan) == nil)
    for text in ["", " 1", "1 ", "01", "1x", "+1", "0x1"] { #expect(JSONNumber(text: text) == nil, "\(text)") }
    #expect(JSONNumber(text: "1.0")?.text == "1.0")
  }

  private struct Sample: Codable, Equatable {
    var name: String
    var when: Date
    var extra: JSONValue?
  }

  @Test("Dates are written with a fraction only if they have one")
  func dates() throws {
    for (text, written) in [
      ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"), ("2026-01-02T03:04:05.25Z", "2026-01-02T03:04:05.250000Z"),
      ("2026-01-02T03:04:04.999999Z", "2026-01-02T03:04:05Z"),
    ] {
      #expect(try JSONValue(encoding: #require(Timestamp.date(text))).string == written)
    }
  }

  @Test("Codable types go both ways; dates are read with and without fraction")
  func codable() throws {
    let when = try #require(Timestamp.date("2026-01-02T03:04:05Z"))
    let sample = Sample(name: "a/b", when: when, extra: ["n": 12_345_678_901, "l": [1, nil, true, "s", 1.5]])
    let value = try JSONValue(encoding: sample)
    #expect(value["when"] == "2026-01-02T03:04:05Z")
    #expect(value["name"] == "a/b")
    #expect(try value.decode(Sample.self) == Sample(name: "a/b", when: when, extra: value["extra"]))
    #expect(value["extra"]?.isSemanticallyEqual(to: ["l": [1, nil, true, "s", 1.5], "n": 12_345_678_901]) == true)
    let fraction = try JSONValue(parsing: #"{"name":"x","when":"2026-01-02T03:04:05.500Z"}"#).decode(Sample.self)
    #expect(fraction.when == when.addingTimeInterval(0.5))
    let error = #expect(throws: JSONError.self) {
      try JSONValue(parsing: #"{"name":"x","when":"yesterday"}"#).decode(Sample.self)
    }
    #expect(error?.path == "when")
    let missing = #expect(throws: JSONError.self) { try JSONValue(parsing: "{}").decode(Sample.self) }
    #expect(missing?.reason == .missing("name"))
  }
}
