/// What a person names on the command line: `deploy/web`, `policy/web`, `event/web-1`, or a bare name.
package struct ObjectReference: Sendable, Equatable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    case deployment = "Deployment"
    case policy = "RollbackPolicy"
    case event = "RollbackEvent"
  }

  /// `nil` when only a name was given.
  package var kind: Kind?
  package var name: String

  package init(kind: Kind?, name: String) {
    self.kind = kind
    self.name = name
  }

  /// - Throws: a sentence that says how to write it.
  package init(_ text: String) throws(CommandFailure) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (1...2).contains(parts.count), let name = parts.last, Self.isName(name) else {
      throw .error("\"\(text)\" names nothing; write a name, or deploy/NAME, policy/NAME or event/NAME.")
    }
    guard parts.count == 2 else {
      self.init(kind: nil, name: name)
      return
    }
    guard let kind = Self.kind(parts[0]) else {
      throw .error(
        "\"\(parts[0])\" is not a kind that this command knows; write deploy/NAME, policy/NAME or event/NAME.")
    }
    self.init(kind: kind, name: name)
  }

  /// The reference as one of `kinds`; a bare name is taken for the first of them.
  func resolved(_ kinds: Kind...) throws(CommandFailure) -> ObjectReference {
    guard let kind else { return ObjectReference(kind: kinds.first, name: name) }
    guard kinds.contains(kind) else {
      throw .error("This command works on a \(kinds.map(\.rawValue).joined(separator: " or a ")), not on \(self).")
    }
    return self
  }

  /// The kind of a word such as `deploy` or `rbp`; also plurals and full resource names.
  static func kind(_ word: String) -> Kind? {
    switch word.lowercased().split(separator: ".").first ?? "" {
    case "deploy", "deployment", "deployments": .deployment
    case "policy", "policies", "rbp", "rollbackpolicy", "rollbackpolicies": .policy
    case "event", "events", "rbe", "rollbackevent", "rollbackevents": .event
    default: nil
    }
  }

  /// What Kubernetes takes for a name; nothing else becomes part of a request.
  private static func isName(_ text: String) -> Bool {
    (1...253).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
      }
  }

  package var description: String { kind.map { "\($0.rawValue) \(name)" } ?? name }
}
