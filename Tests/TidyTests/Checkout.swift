import FoundationEssentials

/// The checkout that the tests were built from.
enum Checkout {
  static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// Every text file that is part of the project.
  static let files: [SourceFile] = {
    var paths: [String] = []
    for folder in ["Sources", "Tests", "manifests", "charts", ".ci"] { collect(folder, into: &paths) }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] where !isFolder(name) {
      paths.append(name)
    }
    return paths.sorted().compactMap { path in read(path).map { SourceFile(path: path, text: $0) } }
  }()

  /// The text of a file of the checkout; nil when there is none.
  static func read(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: root + "/" + path) else { return nil }
    return String(data: data, encoding: .utf8)
  }

  static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []).sorted()
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root + "/" + path)
  }

  private static func collect(_ folder: String, into paths: inout [String]) {
    // Inputs of fuzzing are data, and what is wrong with them is what they are for.
    for name in names(in: folder) where name != "__pycache__" && name != "Corpus" {
      let path = folder + "/" + name
      if isFolder(path) { collect(path, into: &paths) } else { paths.append(path) }
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isDirectory) && isDirectory
  }
}
