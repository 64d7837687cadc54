/// The folder that `make binaries` fills.
struct BinaryCache {
  let folder: String

  init(environment: [String: String]) {
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(environment["HOME"] ?? "")/.cache"
    folder = "\(cache)/rollback-operator"
  }

  /// The newest whole folder whose name is `name` and version numbers; `nil` when there is none.
  func newest(_ name: String) -> String? {
    FileSystem.entries(of: folder)
      .filter { $0.hasPrefix("\(name)-") && FileSystem.exists("\(folder)/\($0)/manifest.sha256") }
      .max { Self.numbers($0).lexicographicallyPrecedes(Self.numbers($1)) }
      .map { "\(folder)/\($0)" }
  }

  private static func numbers(_ name: String) -> [Int] {
    name.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
  }
}
