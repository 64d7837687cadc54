import FoundationEssentials
import KubernetesClient
import Testing

@Suite("JSON cursor")
struct JSONCursorTests {
  @Test(
    "Texts outside the grammar are refused",
    arguments: [
      "", " ", "{", "[", "\"", "tru", "nul", "falsy", "nulll", "{]", "[}", "[1,]", "{\"a\":1,}", "[,1]", "[1 2]",
      "{\"a\"}",
      "{\"a\":}", "{\"a\" 1}", "{a:1}", "{1:1}", "01", "-", "-a", "1.", ".5", "+1", "1e", "1e+", "0x1", "NaN",
      "Infinity",
      "--1", "1..2", "1e1.5", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\u{0}\"", "'a'", "[1]]", "{}{}",
      "/**/1",
      "\u{feff}1", "]", "}", ",", ":", "\"a\"b",
    ])
  func refused(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test("Nesting is read up to the cap and refused beyond, by all ways of reading")
  func depth() throws {
    let cap = JSONCursor.maximumDepth
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let allowed = String(repeating: open, count: cap) + "0" + String(repeating: close, count: cap)
      let refused = open + allowed + close
      _ = try JSONValue(parsing: allowed)
      let error = #expect(throws: JSONError.self) { try JSONValue(parsing: refused) }
      #expect(error?.reason == .tooDeep)
      let skipError = #expect(throws: JSONError.self) {
        let bytes = Array(refused.utf8)
        var cursor = JSONCursor(bytes.span)
        try cursor.skip()
      }
      #expect(skipError?.reason == .tooDeep)
    }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
  }

  @Test(
    "Integers are read exactly or not at all",
    arguments: [
      ("0", 0), ("-0", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min),
      ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", 1), ("1e3", 1000), ("1.5", nil),
      ("1.50e1", 15), ("100e-2", 1), ("1e-1", nil), ("1e18", 1_000_000_000_000_000_000), ("1e19", nil), ("0e999999", 0),
      ("1e99999999999999999999999999", nil), ("1e-99999999999999999999999999", nil), ("0.0", 0), ("-2.0", -2),
      ("92233720368547758070e-1", .max),
    ] as [(String, Int64?)])
  func integers(text: String, expected: Int64?) {
    let bytes = Array(text.utf8)
    var cursor = JSONCursor(bytes.span)
    #expect((try? cursor.readInt64()) == expected)
    #expect(JSONNumber(text: text)?.int64 == expected)
  }

  @Test("Numbers beyond the range of a Double and beyond the length cap are refused")
  func numberCaps() throws {
    for (text, reason) in [
      ("1e400", JSONError.Reason.numberOutOfRange), ("-1e400", .numberOutOfRange),
      (String(repeating: "1", count: 65), .tooLarge), ("0." + String(repeating: "0", count: 64), .tooLarge),
    ] {
      let error = #expect(throws: JSONError.self) {
        let bytes = Array(text.utf8)
        var cursor = JSONCursor(bytes.span)
        _ = try cursor.readDouble()
      }
      #expect(error?.reason == reason, "\(text)")
    }
    #expect(try JSONValue(parsing: String(repeating: "1", count: 64)).number?.text.count == 64)
  }

  @Test(
    "Escapes, surrogates and invalid UTF-8",
    arguments: [
      ("\"\\u0041\\n\\/\\\\\\\"\\b\\f\\r\\t\"", "A\n/\\\"\u{8}\u{c}\r\t"), ("\"\\ud83d\\ude00\"", "😀"),
      ("\"\\uD83D\"", "\u{fffd}"),
      ("\"\\ude00\"", "\u{fffd}"), ("\"\\ud83dx\"", "\u{fffd}x"), ("\"\\ud83d\\n\"", "\u{fffd}\n"),
      ("\"\\ud83d\\ud83d\\ude00\"", "\u{fffd}😀"), ("\"\\u0000\"", "\u{0}"), ("\"\\ud83d\\u0041\"", "\u{fffd}A"),
    ])
  func strings(text: String, expected: String) throws {
    #expect(try JSONValue(parsing: text).string == expected)
  }

  @Test("Invalid UTF-8 is repaired, not refused")
  func invalidUTF8() throws {
    let quote = UInt8(ascii: "\"")
    for bytes: [UInt8] in [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]] {
      let text = try JSONValue(parsing: [quote] + bytes + [quote]).string
      #expect(text?.unicodeScalars.allSatisfy { $0 == "\u{fffd}" } == true)
      let escaped = try JSONValue(parsing: [quote, 0x5c, 0x6e] + bytes + [quote]).string
      #expect(escaped?.unicodeScalars.first == "\n")
    }
  }

  @Test("Keys match also when written with escapes, and with a single letter")
  func keys() throws {
    let bytes = Array(#"{"na\u006de":1,"n":2,"name\u0000":3,"nam":4,"":5}"#.utf8)
    var cursor = JSONCursor(bytes.span)
    var found: [String: Int] = [:]
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "name": found["name"] = try cursor.readInt()
      case "n": found["n"] = try cursor.readInt()
      case "": found[""] = try cursor.readInt()
      default: found["other " + key.string] = try cursor.readInt()
      }
    }
    try cursor.finish()
    #expect(found == ["name": 1, "n": 2, "": 5, "other name\u{0}": 3, "other nam": 4])
  }

  @Test("A value of another kind says what was expected and what was found")
  func wrongType() {
    let error = #expect(throws: JSONError.self) {
      let bytes = Array(" {}".utf8)
      var cursor = JSONCursor(bytes.span)
      _ = try cursor.readString()
    }
    #expect(error == JSONError(offset: 1, reason: .wrongType(expected: .string, found: .object)))
    #expect(error?.description == "expected string, found object (at byte 1)")
  }

  @Test("The position can be set back and a value read again")
  func position() throws {
    let bytes = Array(#"[{"a":[1,2]},3]"#.utf8)
    var cursor = JSONCursor(bytes.span)
    try cursor.beginArray()
    #expect(try cursor.nextElement())
    let place = cursor.position
    try cursor.skip()
    cursor.position = place
    #expect(String(decoding: try cursor.readRaw(), as: UTF8.self) == #"{"a":[1,2]}"#)
    #expect(try cursor.nextElement())
    #expect(try cursor.readInt() == 3)
    #expect(try !cursor.nextElement())
    try cursor.finish()
  }
}
