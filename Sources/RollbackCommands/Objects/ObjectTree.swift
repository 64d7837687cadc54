import FoundationEssentials
import KubernetesClient

/// One object as the API server answers it, whole: what newer operators write into a status is shown, too.
protocol ObjectTree: Sendable {
  var value: JSONValue { get }
}

extension ObjectTree {
  var name: String { text("/metadata/name") ?? "" }
  var namespace: String { text("/metadata/namespace") ?? "" }
  var uid: String { text("/metadata/uid") ?? "" }
  var created: Date? { date("/metadata/creationTimestamp") }

  func text(_ pointer: JSONPointer) -> String? { value.at(pointer)?.displayed }
  func date(_ pointer: JSONPointer) -> Date? { value.at(pointer)?.string.flatMap(Timestamp.date) }
  func annotation(_ key: String) -> String? { value["metadata"]?["annotations"]?[key]?.string }

  /// The conditions of the status, in the order in which they stand there.
  var conditions: [ConditionLine] {
    (value.at("/status/conditions")?.array ?? []).map { ConditionLine(value: $0) }
  }

  func condition(_ type: String) -> ConditionLine? { conditions.first { $0.type == type } }
}

/// A `metav1.Condition`.
struct ConditionLine: Sendable {
  var value: JSONValue

  var type: String { value["type"]?.string ?? "" }
  var status: String { value["status"]?.string ?? "" }
  var reason: String { value["reason"]?.string ?? "" }
  var message: String { value["message"]?.string ?? "" }
  var since: Date? { value["lastTransitionTime"]?.string.flatMap(Timestamp.date) }
  var isTrue: Bool { status == "True" }
}

extension JSONValue {
  /// A scalar as text; `nil` for everything else.
  var displayed: String? {
    switch self {
    case .string(let text): text
    case .number(let number): number.text
    case .bool(let flag): flag ? "true" : "false"
    case .null, .array, .object: nil
    }
  }
}

/// A revision in a status or a spec, as `revision 3 (web:3)`.
struct RevisionText: CustomStringConvertible {
  var value: JSONValue?

  var description: String {
    let number = value?["revision"]?.displayed.map { "revision \($0)" }
    let images = (value?["images"]?.array ?? []).compactMap(\.string)
    let detail = images.isEmpty ? value?["hash"]?.string : images.joined(separator: ", ")
    switch (number, detail) {
    case (let number?, let detail?): return "\(number) (\(detail))"
    case (let number?, nil): return number
    case (nil, let detail?): return "template \(detail)"
    case (nil, nil): return "an unknown revision"
    }
  }

  /// Whether there is anything to name.
  var isKnown: Bool { value?["revision"] != nil || value?["hash"] != nil }
}
