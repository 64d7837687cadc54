/// One or several kubeconfig files, merged as kubectl merges them: the first file to set a value or a name wins.
struct Kubeconfig {
  /// An entry of `clusters`, `users` or `contexts`.
  struct Entry {
    let name: String
    /// The value below `cluster`, `user` or `context`; `nil` if it is empty.
    let value: YAMLField?
    /// The entry itself, for error messages.
    let field: YAMLField
    /// The directory of the file it stands in: what its relative paths are relative to.
    let directory: String
  }

  /// The kind of an entry: the list's name and the member that holds the value.
  enum Section: String {
    case clusters, users, contexts

    var member: String { String(rawValue.dropLast()) }
  }

  /// The files that were read, for error messages.
  private(set) var origin: String
  private(set) var currentContext: String?
  private(set) var clusters: [Entry] = []
  private(set) var users: [Entry] = []
  private(set) var contexts: [Entry] = []

  init(bytes: [UInt8], path: String) throws(ConfigurationError) {
    origin = "kubeconfig \(path)"
    guard let document = try YAMLField.document(bytes, file: origin), !document.isNull else { return }
    let directory = FilePaths.directory(of: path)
    currentContext = try document.text("current-context")
    clusters = try Self.entries(.clusters, of: document, directory: directory)
    users = try Self.entries(.users, of: document, directory: directory)
    contexts = try Self.entries(.contexts, of: document, directory: directory)
  }

  private static func entries(
    _ section: Section, of document: YAMLField, directory: String
  ) throws(ConfigurationError) -> [Entry] {
    guard let list = try document.member(section.rawValue) else { return [] }
    var entries: [Entry] = []
    for field in try list.elements() {
      guard let name = try field.text("name") else { throw field.error("it has no name") }
      guard !entries.contains(where: { $0.name == name }) else {
        throw field.error("the name \"\(name)\" is there twice", remedy: "remove or rename one of them")
      }
      let value = try field.member(section.member)
      entries.append(Entry(name: name, value: value, field: field, directory: directory))
    }
    return entries
  }

  /// Adds what a file further back in the list has and this one has not.
  mutating func merge(_ other: Kubeconfig) {
    origin += ", \(other.origin.dropFirst("kubeconfig ".count))"
    currentContext = currentContext ?? other.currentContext
    Self.merge(&clusters, other.clusters)
    Self.merge(&users, other.users)
    Self.merge(&contexts, other.contexts)
  }

  private static func merge(_ entries: inout [Entry], _ others: [Entry]) {
    let known = Set(entries.map(\.name))
    entries += others.filter { !known.contains($0.name) }
  }

  /// The entry called `name`, which `field` (or a flag) asks for.
  func entry(
    _ section: Section, named name: String, askedBy file: String, key: String
  ) throws(ConfigurationError) -> Entry {
    let entries =
      switch section {
      case .clusters: clusters
      case .users: users
      case .contexts: contexts
      }
    if let entry = entries.first(where: { $0.name == name }) { return entry }
    let known = entries.prefix(20).map { "\"\($0.name)\"" }.joined(separator: ", ")
    throw ConfigurationError(
      file: file, key: key, reason: "there is no \(section.member) \"\(name)\"",
      remedy: entries.isEmpty ? "the file defines none" : "the file defines \(known)")
  }
}
