import Testing

/// A document of `Tests/Fixtures/schema` with what the API server must say to it.
struct SchemaCase: CustomTestStringConvertible, Sendable {
  let document: String
  /// Words of the refusal; nil when the document must be accepted.
  let refusal: String?

  var testDescription: String {
    let name = document.split(separator: "\n").first { $0.hasPrefix("metadata: ") } ?? "?"
    return "\(name) \(refusal ?? "accepted")"
  }

  static let policies = read("rollbackpolicies.yaml")
  static let events = read("rollbackevents.yaml")

  private static func read(_ file: String) -> [SchemaCase] {
    let documents = Tool.text("Tests/Fixtures/schema/\(file)").split(separator: "---\n").map(String.init)
    return documents.map { document in
      let mark = "# refused: "
      let line = document.split(separator: "\n").first { $0.hasPrefix(mark) }
      return SchemaCase(document: document, refusal: line.map { String($0.dropFirst(mark.count)) })
    }
  }
}
