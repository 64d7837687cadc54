import KubernetesClient
import LocalCluster
import Testing

/// A wrong value of one field, from `Tests/Fixtures/schema/rollbackpolicy-fields.yaml`.
struct WrongValue: CustomTestStringConvertible, Sendable {
  /// As `spec.triggers[].name`; `{}` stands for the values of a map.
  var field: String
  var wrong: JSONValue
  /// Words of what is said to it.
  var says: String
  /// Whether only the operator can say so.
  var isOperators: Bool

  var testDescription: String { field }

  private static let documents =
    (try? Manifest.objects(at: "\(Tool.checkout)/Tests/Fixtures/schema/rollbackpolicy-fields.yaml")) ?? []

  /// A policy in which every field has a value that is right.
  static var whole: JSONValue { get throws { try #require(documents.first) } }

  static let all = (documents.last?["fields"]?.array ?? []).map { entry in
    WrongValue(
      field: entry["field"]?.string ?? "", wrong: entry["wrong"] ?? .null, says: entry["says"]?.string ?? "",
      isOperators: entry["by"] == "operator")
  }

  /// The policy with a value in a field's place, and where that is, as `spec.triggers[3].name`.
  static func policy(with value: JSONValue, at field: String) throws -> (policy: JSONValue, path: String) {
    let steps = field.split(separator: ".").map(String.init)
    return try #require(setting(steps[...], value, in: try whole, path: ""), "\(field) is not in the policy")
  }

  private static func setting(
    _ steps: ArraySlice<String>, _ new: JSONValue, in value: JSONValue, path: String
  ) -> (policy: JSONValue, path: String)? {
    guard let step = steps.first else { return (new, path) }
    let name = String(step.prefix { $0 != "[" && $0 != "{" })
    let rest = steps.dropFirst()
    let own = path.isEmpty ? name : "\(path).\(name)"
    // What is to be set need not be there; what leads to it must be.
    guard rest.isEmpty && step == name || value[name] != nil else { return nil }
    var value = value
    switch step.dropFirst(name.count) {
    case "[]":
      for (index, element) in (value[name]?.array ?? []).enumerated() {
        guard let changed = setting(rest, new, in: element, path: "\(own)[\(index)]") else { continue }
        value[name]?[index] = changed.policy
        return (value, changed.path)
      }
      return nil
    case "{}":
      guard let key = value[name]?.object?.first?.key else { return nil }
      value[name]?[key] = new
      return (value, "\(own).\(key)")
    default:
      guard let changed = setting(rest, new, in: value[name] ?? .null, path: own) else { return nil }
      value[name] = changed.policy
      return (value, changed.path)
    }
  }
}

/// A field of a CRD's schema.
struct SchemaField: Sendable {
  /// As ``WrongValue/field``.
  var path: String
  var type: String?
  /// Whether it holds no further fields.
  var isLeaf: Bool

  /// All fields below `spec` of the policies' CRD.
  static func ofPolicies() throws -> [SchemaField] {
    let files = try Manifest.objects(at: "\(Tool.checkout)/manifests/crds/rollback-operator.io_rollbackpolicies.yaml")
    let root = try #require(files.first?.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"))
    return below(root, "spec")
  }

  private static func below(_ schema: JSONValue, _ path: String) -> [SchemaField] {
    var fields = (schema["properties"]?.object ?? JSONObject()).flatMap { field($0.value, "\(path).\($0.key)") }
    if let items = schema["items"] { fields += field(items, "\(path)[]") }
    if let values = schema["additionalProperties"] { fields += field(values, "\(path){}") }
    return fields
  }

  private static func field(_ schema: JSONValue, _ path: String) -> [SchemaField] {
    let below = below(schema, path)
    return [SchemaField(path: path, type: schema["type"]?.string, isLeaf: below.isEmpty)] + below
  }
}
