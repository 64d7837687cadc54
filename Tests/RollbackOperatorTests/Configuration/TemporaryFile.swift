import FoundationEssentials

/// Runs `body` with the path of a file that holds `content` and is gone afterwards.
func withFile<Result>(_ content: String, named name: String = "config.yaml", _ body: (String) throws -> Result) throws
  -> Result
{
  let folder = FileManager.default.temporaryDirectory.appending(path: "rollback-operator-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let file = folder.appending(path: name)
  try Data(content.utf8).write(to: file)
  return try body(file.path)
}
