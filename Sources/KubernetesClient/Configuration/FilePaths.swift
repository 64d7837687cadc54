import FoundationEssentials

/// Paths as kubeconfig files mean them.
enum FilePaths {
  /// The directory that relative paths of flags and of `$KUBECONFIG` mean.
  static func workingDirectory(_ environment: [String: String]) -> String {
    let current = FileManager.default.currentDirectoryPath
    return current.isEmpty ? environment["PWD"] ?? "/" : current
  }

  /// `path` as it stands when it is absolute, else below `directory`.
  static func resolve(_ path: String, against directory: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var relative = Substring(path)
    while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
    return directory.hasSuffix("/") ? directory + relative : "\(directory)/\(relative)"
  }

  /// The directory in which a file stands.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
