import KubernetesClient

@testable import RollbackOperator

/// Any object as a pod template.
enum TemplateProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    guard let template = try? JSONValue(parsing: bytes) else { return }
    let facts = TemplateFacts(template)
    try require(facts.images.count <= 100, "\(facts.images.count) images")
    try require(facts == TemplateFacts(template), "a template is not the same twice")
    try require(
      facts == TemplateFacts(reversed(template)), "the order of members changes what the template is: \(template)")
  }

  private static func reversed(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      .object(JSONObject(members.reversed().map { .init(key: $0.key, value: reversed($0.value)) }))
    case .array(let elements): .array(elements.map(reversed))
    default: value
    }
  }
}
