import Testing

/// What the compiler's own check lets through: a module that another dependency has already built.
@Suite("A target imports what Package.swift lists for it")
struct WallTests {
  /// A target of the package.
  struct Listed: Equatable {
    var name: String
    /// Its folder, with a slash at the end.
    var folder: String
    var modules: Set<String>
  }

  static let toolchain: Set = [
    "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "PackageDescription",
    "Synchronization",
    "Testing",
  ]

  @Test("No import goes through a wall")
  func imports() throws {
    let targets = Self.targets(in: try #require(Checkout.read("Package.swift")))
    try #require(targets.count > 15)
    for file in Checkout.files where file.isSwift && file.path.contains("/") {
      let target = targets.first { file.path.hasPrefix($0.folder) }
      #expect(target != nil, "\(file.path) belongs to no target")
      guard let target else { continue }
      for module in Self.strangers(in: file.code, of: target) {
        Issue.record("\(file.path) imports \(module), which Package.swift does not list for \(target.name)")
      }
    }
  }

  /// The modules that a file imports and its target does not list.
  static func strangers(in code: [String], of target: Listed) -> [String] {
    code.compactMap(PurityRules.importedModule).filter { module in
      module != target.name && !target.modules.contains(module) && !toolchain.contains(module)
    }
  }

  static func targets(in manifest: String) -> [Listed] {
    var products: [String: String] = [:]
    for line in manifest.split(separator: "\n") where line.hasPrefix("let ") && line.contains(".product(") {
      let name = line.dropFirst(4).prefix { $0 != ":" }
      products[String(name)] = quoted(after: "name:", in: line)
    }
    let starts = [".target(", ".executableTarget(", ".testTarget("]
    var blocks: [[Substring]] = []
    for line in manifest.split(separator: "\n") {
      if starts.contains(where: { line.contains($0) }) { blocks.append([]) }
      if !blocks.isEmpty { blocks[blocks.count - 1].append(line) }
    }
    return blocks.compactMap { lines in
      let text = lines.joined(separator: " ")
      guard let name = quoted(after: "name:", in: text[...]) else { return nil }
      let folder =
        quoted(after: "path:", in: text[...]) ?? (text.contains(".testTarget(") ? "Tests/" : "Sources/") + name
      let list = text.split(separator: "dependencies: [").dropFirst().first?.prefix { $0 != "]" } ?? ""
      let modules = list.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }.map {
        $0.hasPrefix("\"") ? $0.filter { $0 != "\"" } : products[$0] ?? $0
      }
      return Listed(name: name, folder: folder + "/", modules: Set(modules))
    }
  }

  private static func quoted(after key: String, in text: Substring) -> String? {
    guard let range = text.firstRange(of: key) else { return nil }
    return text[range.upperBound...].split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
      .dropFirst().first.map(String.init)
  }

  @Test("An import that is not listed is found")
  func finding() {
    let manifest = """
      let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
      targets: [
        .target(name: "Core", swiftSettings: settings),
        .testTarget(
          name: "CoreTests",
          dependencies: ["Core", yams],
          swiftSettings: settings),
        .executableTarget(name: "tool", dependencies: ["Core"], path: "Tests/tool"),
      ]
      """
    let targets = Self.targets(in: manifest)
    #expect(
      targets == [
        Listed(name: "Core", folder: "Sources/Core/", modules: []),
        Listed(name: "CoreTests", folder: "Tests/CoreTests/", modules: ["Core", "Yams"]),
        Listed(name: "tool", folder: "Tests/tool/", modules: ["Core"]),
      ])
    let code = ["import Testing", "@testable import Core", "public import Yams", "let import = 1"]
    #expect(Self.strangers(in: code, of: targets[1]) == [])
    #expect(Self.strangers(in: code, of: targets[2]) == ["Yams"])
  }
}
