/// Something wrong in a file, with its place and what to write instead.
package struct LintFinding: Sendable, Equatable, CustomStringConvertible {
  package var file: String
  /// From 1; 0 when the file as a whole is meant.
  package var line: Int
  package var column: Int
  /// Which document of the file, such as `document 2 (RollbackPolicy web)`.
  package var document: String
  /// The field, such as `spec.triggers[0].for`; empty for the document.
  package var path: String
  package var problem: String
  package var remedy: String

  package var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    return [place, document, path, "\(problem); \(remedy)"].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}
