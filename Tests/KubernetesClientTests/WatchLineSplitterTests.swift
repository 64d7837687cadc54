import Testing

@testable import KubernetesClient

@Suite("A stream is cut into lines")
struct WatchLineSplitterTests {
  /// Every kind of line end but 0x0A is data, also inside characters of several bytes.
  private static let text = "{\"a\":\"\u{2028}\u{85}\"}\n\n{\"ü\":1}\r\n日本\u{0B}\u{0C}\ncut"

  private static let lines = ["{\"a\":\"\u{2028}\u{85}\"}", "{\"ü\":1}\r", "日本\u{0B}\u{0C}"]

  private func split(_ pieces: [ArraySlice<UInt8>]) throws -> (lines: [String], leftover: Int) {
    var splitter = LineSplitter(maximumLength: 100)
    var lines: [String] = []
    for piece in pieces {
      splitter.append(piece)
      while let line = try splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    }
    return (lines, splitter.leftover)
  }

  @Test("Wherever the stream is cut into three pieces, the lines are the same")
  func everySplitPoint() throws {
    let bytes = Array(Self.text.utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let (lines, leftover) = try split([bytes[..<first], bytes[first..<second], bytes[second...]])
        #expect(lines == Self.lines)
        #expect(leftover == 3)
      }
    }
  }

  @Test("Byte by byte, the lines are the same")
  func byteByByte() throws {
    let bytes = Array(Self.text.utf8)
    let (lines, leftover) = try split(bytes.indices.map { bytes[$0...$0] })
    #expect(lines == Self.lines)
    #expect(leftover == 3)
  }

  @Test("Several pieces may be added before lines are taken")
  func appended() throws {
    var splitter = LineSplitter(maximumLength: 100)
    splitter.append(Array("ab".utf8)[...])
    splitter.append(Array("c\nd\n".utf8)[...])
    #expect(try splitter.next() == Array("abc".utf8))
    #expect(try splitter.next() == Array("d".utf8))
    #expect(try splitter.next() == nil)
    #expect(splitter.leftover == 0)
  }

  @Test(
    "A line beyond the cap is an error, whether its end has come or not", arguments: ["12345\n", "12345", "123456789"])
  func cap(text: String) {
    var splitter = LineSplitter(maximumLength: 4)
    splitter.append(Array(text.utf8)[...])
    #expect(throws: LineSplitter.LineTooLong.self) { try splitter.next() }
  }

  @Test("A line of exactly the cap passes")
  func exactCap() throws {
    var splitter = LineSplitter(maximumLength: 4)
    splitter.append(Array("12".utf8)[...])
    #expect(try splitter.next() == nil)
    splitter.append(Array("34\n".utf8)[...])
    #expect(try splitter.next() == Array("1234".utf8))
  }
}
