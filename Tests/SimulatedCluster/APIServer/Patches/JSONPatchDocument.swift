import KubernetesClient

/// A JSON Patch (RFC 6902) as it came.
struct JSONPatchDocument {
  /// Why a patch cannot be read, or does not apply.
  struct Failure: Error {
    var message: String
  }

  private struct Operation {
    var name: String
    var path: JSONPointer
    var from: JSONPointer?
    var value: JSONValue?
  }

  private var operations: [Operation] = []

  init(_ body: JSONValue) throws(Failure) {
    guard let elements = body.array else { throw Failure(message: "a JSON patch is a list of operations") }
    guard elements.count <= 10_000 else { throw Failure(message: "a JSON patch has at most 10000 operations") }
    for element in elements {
      operations.append(
        Operation(
          name: element["op"]?.string ?? "", path: JSONPointer(element["path"]?.string ?? ""),
          from: element["from"]?.string.map { JSONPointer($0) }, value: element["value"]))
    }
  }

  func apply(to document: JSONValue) throws(Failure) -> JSONValue {
    var document = document
    for operation in operations { try Self.apply(operation, to: &document) }
    return document
  }

  private static func apply(_ operation: Operation, to document: inout JSONValue) throws(Failure) {
    let path = operation.path
    switch operation.name {
    case "test":
      let wanted = operation.value ?? .null
      guard (document.at(path) ?? .null).isSemanticallyEqual(to: wanted) else {
        throw Failure(message: "testing path \(path) failed")
      }
    case "add":
      guard let value = operation.value else { throw Failure(message: "add \(path) has no value") }
      try document.insert(value, at: path.tokens[...])
    case "replace":
      guard let value = operation.value, document.at(path) != nil, document.set(path, to: value) else {
        throw Failure(message: "replace operation does not apply: doc is missing key: \(path)")
      }
    case "remove":
      guard document.at(path) != nil, document.set(path, to: nil) else {
        throw Failure(message: "remove operation does not apply: doc is missing path: \(path)")
      }
    case "move":
      guard let from = operation.from, let value = document.at(from), document.set(from, to: nil) else {
        throw Failure(message: "move operation does not apply: doc is missing from path: \(path)")
      }
      try document.insert(value, at: path.tokens[...])
    case "copy":
      guard let from = operation.from, let value = document.at(from) else {
        throw Failure(message: "copy operation does not apply: doc is missing from path: \(path)")
      }
      try document.insert(value, at: path.tokens[...])
    default:
      throw Failure(message: "unexpected kind: \(operation.name)")
    }
  }
}

extension JSONValue {
  /// RFC 6902's `add`: what leads there must exist; in a list the rest moves on.
  fileprivate mutating func insert(
    _ value: JSONValue, at tokens: ArraySlice<String>
  ) throws(JSONPatchDocument.Failure) {
    guard let token = tokens.first else {
      self = value
      return
    }
    let rest = tokens.dropFirst()
    guard !rest.isEmpty else {
      try insertHere(value, token)
      return
    }
    switch self {
    case .object(var members):
      guard var child = members[token] else { throw Self.missing(token) }
      try child.insert(value, at: rest)
      members[token] = child
      self = .object(members)
    case .array(var elements):
      guard let index = Int(token), elements.indices.contains(index) else { throw Self.missing(token) }
      try elements[index].insert(value, at: rest)
      self = .array(elements)
    default:
      throw Self.missing(token)
    }
  }

  private mutating func insertHere(_ value: JSONValue, _ token: String) throws(JSONPatchDocument.Failure) {
    switch self {
    case .object:
      self[token] = value
    case .array(var elements):
      if token == "-" {
        elements.append(value)
      } else {
        guard let index = Int(token), index >= 0, index <= elements.count else { throw Self.missing(token) }
        elements.insert(value, at: index)
      }
      self = .array(elements)
    default:
      throw Self.missing(token)
    }
  }

  private static func missing(_ token: String) -> JSONPatchDocument.Failure {
    JSONPatchDocument.Failure(message: "add operation does not apply: doc is missing path: \(token)")
  }

  /// RFC 7386.
  func merged(with patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var result = object ?? JSONObject()
    for change in changes {
      if change.value.isNull {
        result[change.key] = nil
      } else {
        result[change.key] = (result[change.key] ?? .null).merged(with: change.value)
      }
    }
    return .object(result)
  }
}
