import KubernetesClient
import Testing

/// A part of a CRD's schema.
struct Schema {
  var value: JSONValue
  /// As `RollbackPolicy.spec.triggers[].name`.
  var path: String

  /// `spec` or `status` of a kind.
  init(_ plural: String, _ part: String) throws {
    let definition = try YAMLDocument.value(
      YAMLDocument.text("manifests/crds/rollback-operator.io_\(plural).yaml"))
    let kind = try #require(definition.at("/spec/names/kind")?.string)
    let root = try #require(definition.at("/spec/versions/0/schema/openAPIV3Schema"))
    self.init(value: try #require(root["properties"]?[part]), path: "\(kind).\(part)")
  }

  private init(value: JSONValue, path: String) {
    self.value = value
    self.path = path
  }

  var type: String? { value["type"]?.string }
  var isIntegerOrString: Bool { value["x-kubernetes-int-or-string"]?.bool == true }
  var options: [String]? { value["enum"]?.array?.compactMap(\.string) }
  var pattern: String? { value["pattern"]?.string }
  var properties: [(name: String, schema: Schema)] {
    (value["properties"]?.object ?? JSONObject()).map { ($0.key, Schema(value: $0.value, path: "\(path).\($0.key)")) }
  }
  var items: Schema? { value["items"].map { Schema(value: $0, path: "\(path)[]") } }
  var additional: Schema? { value["additionalProperties"].map { Schema(value: $0, path: "\(path){}") } }

  /// This part and all parts below it.
  var all: [Schema] {
    let below = properties.map(\.schema) + [items, additional].compactMap { $0 }
    return [self] + below.flatMap(\.all)
  }

  // MARK: Against a value

  /// What in a value this schema does not allow.
  func mismatches(_ value: JSONValue) -> [String] {
    // Whatever stands below is somebody else's to judge.
    if self.value["x-kubernetes-preserve-unknown-fields"]?.bool == true { return [] }
    if isIntegerOrString { return value.int64 != nil || value.string != nil ? [] : ["\(path): \(value.kind)"] }
    switch (type, value) {
    case ("object", .object(let members)): return mismatches(of: members)
    case ("array", .array(let elements)): return elements.flatMap { items?.mismatches($0) ?? ["\(path): no items"] }
    case ("boolean", .bool), ("integer", .number), ("number", .number): return []
    case ("string", .string(let text)): return mismatches(of: text)
    default: return ["\(path): \(value.kind) instead of \(type ?? "?")"]
    }
  }

  private func mismatches(of members: JSONObject) -> [String] {
    let required = value["required"]?.array?.compactMap(\.string) ?? []
    let missing = required.filter { members[$0] == nil }.map { "\(path): \($0) is required" }
    return missing
      + members.flatMap { member -> [String] in
        if let additional { return additional.mismatches(member.value) }
        let property = properties.first { $0.name == member.key }
        return property?.schema.mismatches(member.value) ?? ["\(path): no property \(member.key)"]
      }
  }

  private func mismatches(of text: String) -> [String] {
    if let options, !options.contains(text) { return ["\(path): \(text) is none of \(options)"] }
    if value["format"]?.string == "date-time", Timestamp.date(text) == nil { return ["\(path): \(text) is no time"] }
    return accepts(text) ? [] : ["\(path): \(text) does not match"]
  }

  /// Whether length and pattern allow the text.
  func accepts(_ text: String) -> Bool {
    if let longest = value["maxLength"]?.int, text.unicodeScalars.count > longest { return false }
    guard let pattern else { return true }
    return (try? Regex(pattern).firstMatch(in: text)) != nil
  }

  /// The properties that are in none of the values: of a maximal value those that nothing reads or writes.
  func unused(in values: [JSONValue]) -> [String] {
    guard !values.isEmpty else { return [path] }
    let below = properties.flatMap { property in
      property.schema.unused(in: values.compactMap { $0[property.name] })
    }
    return below + (items?.unused(in: values.flatMap { $0.array ?? [] }) ?? [])
  }

  /// The value with the defaults that the API server fills in.
  func filled(_ value: JSONValue) -> JSONValue {
    var value = value
    if let elements = value.array, let items { return .array(elements.map(items.filled)) }
    guard value.object != nil else { return value }
    for (name, schema) in properties {
      if value[name] == nil { value[name] = schema.value["default"] }
      if let given = value[name] { value[name] = schema.filled(given) }
    }
    return value
  }
}
