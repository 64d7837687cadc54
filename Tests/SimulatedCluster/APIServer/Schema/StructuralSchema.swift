import KubernetesClient

/// A structural OpenAPI schema of a CustomResourceDefinition: what is known, what is filled in, what is allowed.
final class StructuralSchema: Sendable {
  let type: String?
  let properties: [Property]
  let additional: StructuralSchema?
  let items: StructuralSchema?
  let keepsUnknown: Bool
  let isIntOrString: Bool
  let isNullable: Bool
  let defaultValue: JSONValue?
  let required: [String]
  let limits: SchemaLimits
  /// What the elements of a list are known by.
  let listKeys: [String]
  let isSet: Bool
  let rules: [ValidationRule]
  /// Whether anything below has a default.
  let hasDefaults: Bool

  struct Property: Sendable {
    var name: String
    var schema: StructuralSchema
  }

  init(_ value: JSONValue) {
    type = value["type"]?.string
    properties = (value["properties"]?.object ?? [:]).map {
      Property(name: $0.key, schema: StructuralSchema($0.value))
    }
    additional = value["additionalProperties"].flatMap { $0.object == nil ? nil : StructuralSchema($0) }
    items = value["items"].map { StructuralSchema($0) }
    keepsUnknown = value["x-kubernetes-preserve-unknown-fields"]?.bool == true
    isIntOrString = value["x-kubernetes-int-or-string"]?.bool == true
    isNullable = value["nullable"]?.bool == true
    defaultValue = value["default"]
    required = (value["required"]?.array ?? []).compactMap(\.string)
    limits = SchemaLimits(value)
    listKeys = (value["x-kubernetes-list-map-keys"]?.array ?? []).compactMap(\.string)
    isSet = value["x-kubernetes-list-type"]?.string == "set"
    rules = (value["x-kubernetes-validations"]?.array ?? []).compactMap { ValidationRule($0) }
    hasDefaults =
      properties.contains { $0.schema.defaultValue != nil || $0.schema.hasDefaults }
      || additional?.hasDefaults == true || items?.hasDefaults == true
  }

  func property(_ name: String) -> StructuralSchema? {
    properties.first { $0.name == name }?.schema
  }

  /// Removes what the schema does not know and fills in what it has defaults for.
  func complete(_ value: inout JSONValue, isRoot: Bool = false) {
    switch value {
    case .object(let members): value = .object(completed(members, isRoot: isRoot))
    case .array(var elements):
      guard let items else { return }
      for index in elements.indices { items.complete(&elements[index]) }
      value = .array(elements)
    default: break
    }
  }

  private func completed(_ members: JSONObject, isRoot: Bool) -> JSONObject {
    var kept: [JSONObject.Member] = []
    kept.reserveCapacity(members.count)
    for member in members {
      if isRoot, ["apiVersion", "kind", "metadata"].contains(member.key) {
        kept.append(member)
        continue
      }
      guard let schema = property(member.key) ?? additional else {
        if keepsUnknown { kept.append(member) }
        continue
      }
      if member.value.isNull, !schema.isNullable, schema.defaultValue != nil { continue }
      var value = member.value
      schema.complete(&value)
      kept.append(JSONObject.Member(key: member.key, value: value))
    }
    for property in properties {
      guard var value = property.schema.defaultValue, !kept.contains(where: { $0.key == property.name }) else {
        continue
      }
      property.schema.complete(&value)
      kept.append(JSONObject.Member(key: property.name, value: value))
    }
    return JSONObject(kept)
  }
}

/// The plain limits of a schema.
struct SchemaLimits: Sendable {
  var allowed: [JSONValue]
  var pattern: String?
  var format: String?
  var minLength: Int?
  var maxLength: Int?
  var minimum: Double?
  var maximum: Double?
  var minItems: Int?
  var maxItems: Int?
  var maxProperties: Int?

  init(_ value: JSONValue) {
    allowed = value["enum"]?.array ?? []
    pattern = value["pattern"]?.string
    format = value["format"]?.string
    minLength = value["minLength"]?.int
    maxLength = value["maxLength"]?.int
    minimum = value["minimum"]?.double
    maximum = value["maximum"]?.double
    minItems = value["minItems"]?.int
    maxItems = value["maxItems"]?.int
    maxProperties = value["maxProperties"]?.int
  }
}
