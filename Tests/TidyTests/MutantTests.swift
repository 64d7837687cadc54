import Testing

/// The mutants are run by `make mutants`; what rots when the code around them changes is seen here.
@Suite("Every mutant can still be made")
struct MutantTests {
  static let patches = Checkout.files.filter { $0.path.hasPrefix("Tests/mutants/") && $0.path.hasSuffix(".patch") }

  @Test("There are mutants")
  func some() {
    #expect(Self.patches.count >= 20)
  }

  @Test("The header says what is put back, whose it was, and what should find it", arguments: patches.map(\.path))
  func header(path: String) throws {
    let patch = try #require(Self.patches.first { $0.path == path })
    let header = patch.lines.prefix { !$0.hasPrefix("--- ") }
    for field in ["Bug: ", "Row: ", "Rule: "] {
      #expect(header.contains { $0.hasPrefix(field) && $0.count > field.count + 1 }, "\(field)is missing")
    }
    let row = header.first { $0.hasPrefix("Row: ") }?.dropFirst(5).prefix { $0 != " " } ?? ""
    let name = path.split(separator: "/").last ?? ""
    let number = row.allSatisfy(\.isNumber) && row.count < 2 ? "0\(row)" : row.lowercased()
    #expect(name.hasPrefix("\(number)-"), "its name does not begin with its row, \(row)")
  }

  @Test("What it changes is there to be changed", arguments: patches.map(\.path))
  func applies(path: String) throws {
    let patch = try #require(Self.patches.first { $0.path == path })
    let hunks = Self.hunks(of: patch.lines)
    #expect(!hunks.isEmpty)
    for hunk in hunks {
      #expect(hunk.path.hasPrefix("Sources/"))
      let text = try #require(Checkout.read(hunk.path), "there is no \(hunk.path)")
      #expect(
        "\n\(text)".contains("\n\(hunk.before.joined(separator: "\n"))\n"),
        "\(hunk.path) has no such lines any more:\n\(hunk.before.joined(separator: "\n"))")
    }
  }

  @Test("A hunk is found by its lines, changed ones without their marks")
  func hunks() {
    let lines = [
      "Bug: a", "", "--- a/Sources/A.swift", "+++ b/Sources/A.swift", "@@ -1,3 +1,3 @@", " one", "-two", "+zwei", "",
      "@@ -9,1 +9,1 @@", "-nine", "+neun", "",
    ]
    let found = Self.hunks(of: lines)
    #expect(found.map(\.before) == [["one", "two", ""], ["nine"]])
    #expect(found.map(\.path) == ["Sources/A.swift", "Sources/A.swift"])
  }

  /// What one hunk of a patch wants to find.
  struct Hunk {
    var path: String
    var before: [String]
  }

  static func hunks(of lines: [String]) -> [Hunk] {
    var hunks: [Hunk] = []
    var path = ""
    var missing = 0
    for line in lines {
      if missing > 0 {
        guard !line.hasPrefix("+") else { continue }
        // An empty line of context has lost its space.
        hunks[hunks.count - 1].before.append(String(line.dropFirst()))
        missing -= 1
      } else if line.hasPrefix("+++ b/") {
        path = String(line.dropFirst(6))
      } else if line.hasPrefix("@@ -") {
        let range = line.dropFirst(4).prefix { $0 != " " }.split(separator: ",")
        missing = range.count > 1 ? Int(range[1]) ?? 0 : 1
        hunks.append(Hunk(path: path, before: []))
      }
    }
    return hunks
  }
}
