import FoundationEssentials
import RollbackCore
import Testing

@Suite("JSON paths")
struct JSONPathTests {
  static let read: [(text: String, steps: [JSONPath.Step])] = [
    ("$", []), ("$.database", [.member("database")]),
    ("$.a.b[0].c", [.member("a"), .member("b"), .index(0), .member("c")]),
    ("$['a b']", [.member("a b")]), ("$[\"a.b\"][12]", [.member("a.b"), .index(12)]),
    (#"$['it\'s \\ "fine"']"#, [.member(#"it's \ "fine""#)]), ("$['']", [.member("")]),
    ("$[0][1]", [.index(0), .index(1)]),
    ("$._x1.größe", [.member("_x1"), .member("größe")]), ("$['$.a[0]']", [.member("$.a[0]")]),
    ("$[999999]", [.index(999_999)]),
  ]

  @Test("A path is read", arguments: read)
  func reads(text: String, steps: [JSONPath.Step]) throws {
    let path = try JSONPath(text)
    #expect(path.steps == steps && path.description == text)
  }

  static let refused: [(text: String, position: Int, part: String)] = [
    ("", 1, "begin with $"), ("database", 1, "begin with $"), (".a", 1, "begin with $"), (" $.a", 1, "begin with $"),
    ("$a", 2, "begins with . or ["), ("$.", 3, "name is missing"), ("$..a", 3, "every level"), ("$.*", 3, "wildcard"),
    ("$.a[*]", 5, "wildcard"), ("$.a[?(@.b)]", 5, "filters"), ("$[-1]", 3, "negative"), ("$[0:2]", 4, "ranges"),
    ("$[0,1]", 4, "only one"), ("$['a','b']", 6, "only one"), ("$[0", 4, "not closed"), ("$['a'", 6, "not closed"),
    ("$['a", 5, "name is not closed"), ("$[a]", 3, "['name']"), ("$[]", 3, "[0]"), ("$[01]", 3, "index"),
    ("$[1000000]", 3, "six digits"), ("$[99999999999999999999]", 3, "six digits"), ("$.a-b", 4, "['a-b']"),
    ("$.1a", 3, "brackets and quotes"), ("$.a b", 4, "brackets and quotes"), ("$.[0]", 3, "take the point out"),
    ("$.a.", 5, "name is missing"), ("$['a\nb']", 5, "control character"), (#"$['\n']"#, 5, "escaped"),
    (#"$['a\"#, 6, "escaped"), ("$.a\u{0}", 4, "brackets and quotes"), ("$[0]x", 5, "begins with . or ["),
    (String(repeating: "$.a", count: 200), 1, "512 bytes"), ("$" + String(repeating: "[0]", count: 33), 98, "32 steps"),
  ]

  @Test("What is no path to one value is refused with the place and what to write", arguments: refused)
  func refuses(text: String, position: Int, part: String) {
    let error = #expect(throws: JSONPathError.self) { try JSONPath(text) }
    #expect(error?.position == position)
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("at character \(position)") == true)
  }

  @Test("It is coded as its text")
  func coding() throws {
    let data = Data(#"["$.a[0]"]"#.utf8)
    let paths = try JSONDecoder().decode([JSONPath].self, from: data)
    #expect(paths.first?.steps == [.member("a"), .index(0)])
    #expect(try JSONEncoder().encode(paths) == data)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([JSONPath].self, from: Data(#"["a"]"#.utf8)) }
  }
}
