import KubernetesClient
import RollbackCore

extension JSONValue {
  /// The value that a path leads to.
  func at(_ path: JSONPath) -> JSONValue? {
    var value = self
    for step in path.steps {
      let next: JSONValue? =
        switch step {
        case .member(let name): value[name]
        case .index(let index): value[index]
        }
      guard let next else { return nil }
      value = next
    }
    return value
  }
}
