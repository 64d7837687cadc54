import KubernetesClient

/// What is wrong with a policy: the field, what is wrong with it, and what to write instead.
public struct PolicyViolation: Error, Hashable, Sendable, CustomStringConvertible {
  /// The field from the root of the object on, as `spec.triggers[0].for`.
  public var path: String
  public var problem: String
  public var remedy: String

  public init(path: String, problem: String, remedy: String) {
    self.path = path
    self.problem = problem
    self.remedy = remedy
  }

  /// A spec that is not of the types that it must have.
  init(decoding error: JSONError) {
    let tokens = error.path.split(separator: ".")
    let path = tokens.reduce("spec") { path, token in
      token.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        ? "\(path)[\(token)]" : "\(path).\(token)"
    }
    // Whatever a hostile spec holds, the field and what to do about it are said.
    self.init(
      path: String(path.prefix(256)), problem: String("\(error.reason)".prefix(512)),
      remedy: "see `kubectl explain rollbackpolicy.spec`")
  }

  public var description: String { "\(path): \(problem); \(remedy)" }
}
