/// The little of Swift's lexical structure that is needed to tell code from prose.
enum SwiftText {
  /// The text with the content of comments and string literals, and the comment marks, replaced by spaces. Line feeds
  /// and columns (in bytes) stay. Code inside of a string's interpolation counts as the string's content.
  static func withoutCommentsAndStrings(_ text: String) -> String {
    var blanker = Blanker(bytes: Array(text.utf8))
    blanker.run()
    return String(decoding: blanker.bytes, as: UTF8.self)
  }

  private struct Blanker {
    var bytes: [UInt8]
    var position = 0

    mutating func run() {
      while position < bytes.count {
        if starts(with: "//") {
          blank { $0.current == UInt8(ascii: "\n") }
        } else if starts(with: "/*") {
          blankBlockComment()
        } else if let hashes = hashesBeforeQuote() {
          position += hashes
          blankString(hashes: hashes)
        } else {
          position += 1
        }
      }
    }

    var current: UInt8 { bytes[position] }

    func starts(with mark: StaticString, at offset: Int = 0) -> Bool {
      mark.withUTF8Buffer { mark in
        position + offset + mark.count <= bytes.count
          && mark.indices.allSatisfy { bytes[position + offset + $0] == mark[$0] }
      }
    }

    mutating func blankOne() {
      if bytes[position] != UInt8(ascii: "\n") { bytes[position] = UInt8(ascii: " ") }
      position += 1
    }

    mutating func blank(_ count: Int) {
      for _ in 0..<count where position < bytes.count { blankOne() }
    }

    mutating func blank(until isEnd: (Self) -> Bool) {
      while position < bytes.count, !isEnd(self) { blankOne() }
    }

    mutating func blankBlockComment() {
      var depth = 0
      repeat {
        if starts(with: "/*") {
          depth += 1
          blank(2)
        } else if starts(with: "*/") {
          depth -= 1
          blank(2)
        } else {
          blankOne()
        }
      } while depth > 0 && position < bytes.count
    }

    /// The number of `#` before a quote that opens a string here; nil when none does.
    func hashesBeforeQuote() -> Int? {
      var count = 0
      while position + count < bytes.count, bytes[position + count] == UInt8(ascii: "#") { count += 1 }
      return starts(with: "\"", at: count) ? count : nil
    }

    func hashes(_ count: Int, at offset: Int) -> Bool {
      position + offset + count <= bytes.count
        && (0..<count).allSatisfy { bytes[position + offset + $0] == UInt8(ascii: "#") }
    }

    mutating func blankString(hashes count: Int) {
      let isMultiline = starts(with: "\"\"\"")
      let quotes = isMultiline ? 3 : 1
      position += quotes
      while position < bytes.count {
        if !isMultiline, current == UInt8(ascii: "\n") { return }
        if isMultiline ? starts(with: "\"\"\"") : starts(with: "\""), hashes(count, at: quotes) {
          position += quotes + count
          return
        }
        if starts(with: "\\"), hashes(count, at: 1) {
          let isInterpolation = starts(with: "(", at: 1 + count)
          blank(2 + count)
          if isInterpolation { blankInterpolation() }
        } else {
          blankOne()
        }
      }
    }

    mutating func blankInterpolation() {
      var depth = 1
      while position < bytes.count, depth > 0 {
        if let hashes = hashesBeforeQuote() {
          let start = position
          position += hashes
          blankString(hashes: hashes)
          for index in start..<min(position, bytes.count) where bytes[index] != UInt8(ascii: "\n") {
            bytes[index] = UInt8(ascii: " ")
          }
          continue
        }
        if current == UInt8(ascii: "(") { depth += 1 }
        if current == UInt8(ascii: ")") { depth -= 1 }
        blankOne()
      }
    }
  }
}
