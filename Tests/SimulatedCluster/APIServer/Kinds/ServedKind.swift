import KubernetesClient

/// One kind as the server serves it.
struct ServedKind: Sendable {
  var resource: APIResource
  var singular: String
  var shortNames: [String] = []
  var isCustom = false
  var hasStatus = false
  var hasScale = false
  /// A PUT on a name that is not there creates.
  var createsOnUpdate = false
  /// A PUT without a resource version is taken.
  var updatesUnconditionally = true
  /// Deleting answers with the object in place of a Status.
  var returnsDeleted = false
  /// Names may be anything that can be part of a path.
  var hasFreeNames = false
  /// Owners of this kind leave no finalizers behind for the garbage collector.
  var ignoresPropagation = false
  /// Fields that field selectors may name, beside name and namespace.
  var selectableFields: [String] = []
  var rules: any KindRules = PlainRules()

  var listKind: String { "\(resource.kind)List" }

  /// `deployments.apps`, or `pods` of the core group.
  var qualifiedPlural: String { resource.group.isEmpty ? resource.plural : "\(resource.plural).\(resource.group)" }

  /// `Deployment.apps`, or `Pod` of the core group.
  var qualifiedKind: String { resource.group.isEmpty ? resource.kind : "\(resource.kind).\(resource.group)" }

  var path: String { "\(resource.apiVersion)/\(resource.plural)" }
}

/// What is particular about a kind.
protocol KindRules: Sendable {
  /// Brings what was sent into the form that is stored: without what is not known, with defaults.
  func normalize(_ object: inout JSONValue) throws(NormalizationError)
  func prepareForCreate(_ object: inout JSONValue)
  /// Keeps what a write to the object itself may not change.
  func prepareForUpdate(_ object: inout JSONValue, old: JSONValue)
  /// Keeps what a write to the status may not change.
  func prepareForStatusUpdate(_ object: inout JSONValue, old: JSONValue)
  /// Whether a write to the object itself counts as a new generation; `nil` for kinds without generations.
  func isNewGeneration(_ object: JSONValue, old: JSONValue) -> Bool?
  /// What is wrong with an object; `old` is `nil` for a new one.
  func violations(_ object: JSONValue, old: JSONValue?, isStatus: Bool) -> [Status.Cause]
  /// The grace period of a deletion: with more than 0 seconds the object stays until somebody deletes it again with 0.
  func gracePeriod(_ object: JSONValue, wanted: Int64?) -> Int64
  /// Whether a deletion, also one without delay, is a change that is told before the object is gone.
  var announcesDeletion: Bool { get }
}

/// What was sent cannot be read as an object of its kind.
struct NormalizationError: Error {
  var message: String
}

extension KindRules {
  func normalize(_ object: inout JSONValue) throws(NormalizationError) {}
  func prepareForCreate(_ object: inout JSONValue) {}
  func prepareForUpdate(_ object: inout JSONValue, old: JSONValue) {}
  func prepareForStatusUpdate(_ object: inout JSONValue, old: JSONValue) {
    object["spec"] = old["spec"]
  }
  func isNewGeneration(_ object: JSONValue, old: JSONValue) -> Bool? { nil }
  func violations(_ object: JSONValue, old: JSONValue?, isStatus: Bool) -> [Status.Cause] { [] }
  func gracePeriod(_ object: JSONValue, wanted: Int64?) -> Int64 { 0 }
  var announcesDeletion: Bool { false }
}

/// Kinds that are stored as they are sent.
struct PlainRules: KindRules {}

extension JSONValue {
  var objectName: String { self["metadata"]?["name"]?.string ?? "" }

  /// Sets a member that is not there, or is `null`.
  mutating func setDefault(_ key: String, _ value: @autoclosure () -> JSONValue) {
    guard let held = self[key], !held.isNull else {
      self[key] = value()
      return
    }
  }

  /// Changes a member in place, if it is there.
  mutating func change(_ key: String, _ body: (inout JSONValue) -> Void) {
    guard var member = self[key] else { return }
    body(&member)
    self[key] = member
  }

  /// What `null` means to typed kinds: nothing.
  var withoutNulls: JSONValue {
    guard hasNulls else { return self }
    switch self {
    case .array(let elements): return .array(elements.map(\.withoutNulls))
    case .object(let members):
      return .object(
        JSONObject(
          members.filter { !$0.value.isNull }.map { JSONObject.Member(key: $0.key, value: $0.value.withoutNulls) }))
    default: return self
    }
  }

  private var hasNulls: Bool {
    switch self {
    case .array(let elements): elements.contains { $0.hasNulls }
    case .object(let members): members.contains { $0.value.hasNulls }
    case .null: true
    default: false
    }
  }

  /// Changes each element of a member that is a list.
  mutating func changeEach(_ key: String, _ body: (inout JSONValue) -> Void) {
    guard case .array(var elements)? = self[key] else { return }
    for index in elements.indices { body(&elements[index]) }
    self[key] = .array(elements)
  }
}
