import FoundationEssentials

/// Inputs made by hand, and those that once broke something. libFuzzer starts from them too.
enum FuzzCorpus {
  struct Input: Sendable {
    var name: String
    var bytes: [UInt8]
  }

  private static let folder: String = {
    let parts = #filePath.split(separator: "/").dropLast(2)
    return "/" + parts.joined(separator: "/") + "/FuzzTargets/Corpus"
  }()

  /// The inputs of a target, in the order of their names.
  static func inputs(of target: String) -> [Input] {
    let folder = folder + "/" + target
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().compactMap { name in
      FileManager.default.contents(atPath: folder + "/" + name).map { Input(name: name, bytes: Array($0)) }
    }
  }

  /// The names of all folders.
  static var targets: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}
