import KubernetesClient

/// The kinds of CustomResourceDefinitions.
enum CustomKind {
  static func kinds(of definition: JSONValue) -> [ServedKind] {
    guard let spec = definition["spec"], let group = spec["group"]?.string,
      let plural = spec["names"]?["plural"]?.string, let kind = spec["names"]?["kind"]?.string
    else { return [] }
    return (spec["versions"]?.array ?? []).compactMap { version in
      guard version["served"]?.bool == true, let name = version["name"]?.string else { return nil }
      var served = ServedKind(
        resource: APIResource(
          group: group, version: name, plural: plural, kind: kind,
          isNamespaced: spec["scope"]?.string == "Namespaced"),
        singular: spec["names"]?["singular"]?.string ?? kind.lowercased())
      served.shortNames = (spec["names"]?["shortNames"]?.array ?? []).compactMap(\.string)
      served.isCustom = true
      served.hasStatus = version["subresources"]?["status"] != nil
      served.updatesUnconditionally = false
      served.rules = CustomRules(
        hasStatus: served.hasStatus,
        schema: version["schema"]?["openAPIV3Schema"].map { StructuralSchema($0) })
      return served
    }
  }
}

/// What is particular about custom resources: their schema, and a status that only its own path changes.
struct CustomRules: KindRules {
  var hasStatus: Bool
  var schema: StructuralSchema?

  func normalize(_ object: inout JSONValue) throws(NormalizationError) {
    schema?.complete(&object, isRoot: true)
  }

  func violations(_ object: JSONValue, old: JSONValue?, isStatus: Bool) -> [Status.Cause] {
    schema?.violations(object, old: old) ?? []
  }

  func prepareForCreate(_ object: inout JSONValue) {
    if hasStatus { object["status"] = nil }
  }

  func prepareForUpdate(_ object: inout JSONValue, old: JSONValue) {
    if hasStatus { object["status"] = old["status"] }
  }

  /// Only the status changes, and not even the metadata.
  func prepareForStatusUpdate(_ object: inout JSONValue, old: JSONValue) {
    let status = object["status"]
    object = old
    object["status"] = status
  }

  func isNewGeneration(_ object: JSONValue, old: JSONValue) -> Bool? {
    func rest(_ value: JSONValue) -> JSONValue {
      var value = value
      value["metadata"] = nil
      if hasStatus { value["status"] = nil }
      return value
    }
    return Workload.differs(rest(object), rest(old))
  }
}
