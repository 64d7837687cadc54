import KubernetesClient
import Yams

private typealias Node = Yams.Node

/// The keys and values of one configuration file, found but not yet understood.
struct ConfigurationFile {
  /// A value as it stands in the file.
  enum Value {
    case text(String)
    case list([String])
    case structure(ConfigurationNode)
  }

  /// A value with the line where its key stands.
  struct Entry {
    var path: String
    var value: Value
    var line: Int?
  }

  static let maximumSize = 1_024 * 1_024

  private(set) var entries: [Entry] = []
  private(set) var problems: [OperatorConfigurationError.Problem] = []
  private let name: String

  /// Parses `bytes`, the content of the file called `name`. What is wrong with it is in ``problems``.
  init(_ bytes: [UInt8], name: String) {
    self.name = name
    guard let text = String(validating: bytes, as: UTF8.self) else {
      refuse("", line: nil, "is not UTF-8 text", "write YAML")
      return
    }
    guard !YAMLAliases.areTooMany(in: bytes) else {
      refuse("", line: nil, "uses more than \(YAMLAliases.most) aliases", "write out what they stand for")
      return
    }
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch {
      let (line, reason) = Self.describe(error)
      refuse("", line: line, "is not YAML (\(reason))", "write for example log: {level: info}")
      return
    }
    guard let root, !Self.isNull(root) else { return }
    guard let mapping = root.mapping else {
      refuse("", line: root.mark?.line, "is not a mapping of keys to values", "write for example log: {level: info}")
      return
    }
    walk(mapping, section: "")
  }

  private mutating func walk(_ mapping: Node.Mapping, section: String) {
    for (key, value) in mapping {
      let line = key.mark?.line
      guard let name = key.scalar?.string else {
        refuse(section, line: line, "a key is not plain text", Self.keys(of: section))
        continue
      }
      let path = section.isEmpty ? name : "\(section).\(name)"
      let isDotted = name.contains(".")
      if !isDotted, let known = ConfigurationKey.all.first(where: { $0.path == path }) {
        take(value, for: known, line: line)
      } else if !isDotted, ConfigurationKey.all.contains(where: { $0.isInFile && $0.path.hasPrefix(path + ".") }) {
        if let inner = value.mapping {
          walk(inner, section: path)
        } else if !Self.isNull(value) {
          refuse(path, line: line, "is not a mapping of keys to values", Self.keys(of: path))
        }
      } else {
        refuse(Self.shortened(path), line: line, "is not a key that this version knows", Self.keys(of: section))
      }
    }
  }

  private mutating func take(_ node: Node, for key: ConfigurationKey, line: Int?) {
    guard key.isInFile else {
      refuse(
        key.path, line: line, "cannot be said in a file", "use --\(key.flag) or the variable \(key.environmentVariable)"
      )
      return
    }
    guard !Self.isNull(node) else { return }
    switch key.assign {
    case .scalar:
      guard let text = node.scalar?.string else {
        refuse(key.path, line: line, "takes a single value", "write for example \(quoted(key.defaultText))")
        return
      }
      entries.append(Entry(path: key.path, value: .text(text), line: line))
    case .list:
      let texts = node.sequence.map { $0.map { $0.scalar?.string } }
      guard let texts, !texts.contains(nil) else {
        let last = key.path.split(separator: ".").last ?? ""
        refuse(key.path, line: line, "takes a list of names", "write for example \(last): [\(Self.listExample(key))]")
        return
      }
      entries.append(Entry(path: key.path, value: .list(texts.compactMap(\.self)), line: line))
    case .structure:
      let node = ConfigurationNode(node, path: key.path, line: line)
      entries.append(Entry(path: key.path, value: .structure(node), line: line))
    }
  }

  private mutating func refuse(_ key: String, line: Int?, _ reason: String, _ remedy: String) {
    problems.append(.init(source: .file(path: name, line: line), key: key, reason: reason, remedy: remedy))
  }

  private static func listExample(_ key: ConfigurationKey) -> String {
    key.path == ConfigurationKey.egressAllow.path ? "prometheus.monitoring, \"*.example.com\"" : "shop, payments"
  }

  /// A sentence that lists what may stand in `section`; empty is the top of the file.
  private static func keys(of section: String) -> String {
    let prefix = section.isEmpty ? "" : section + "."
    var names: [String] = []
    for key in ConfigurationKey.all where key.isInFile && key.path.hasPrefix(prefix) {
      let name = String(key.path.dropFirst(prefix.count).prefix { $0 != "." })
      if !names.contains(name) { names.append(name) }
    }
    let place = section.isEmpty ? "the keys are" : "the keys of \(section) are"
    return "\(place) \(names.joined(separator: ", "))"
  }

  private static func shortened(_ path: String) -> String {
    String(quoted(path).dropFirst().dropLast())
  }

  private static func isNull(_ node: Node) -> Bool {
    guard let scalar = node.scalar, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private static func describe(_ error: any Error) -> (line: Int?, reason: String) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, "\(problem), column \(mark.column)")
    case .reader(let problem, _, _, _): (nil, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, "key \(quoted(duplicates.first ?? "")) stands twice")
    default: (nil, "unreadable")
    }
  }
}
