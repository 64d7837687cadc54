public import KubernetesClient

/// A request that the simulated API server refuses, with the `Status` that the real one would send.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
  public var status: Status
  /// The answer is this plain text in place of a Status; so are paths answered that are not served.
  var plainText: String?

  public init(status: Status) {
    self.status = status
  }

  public var description: String { "\(status.code) \(status.reason): \(status.message)" }
}

extension Refusal {
  init(
    _ code: Int, _ reason: String, _ message: String, _ kind: ServedKind? = nil, name: String = "",
    causes: [Status.Cause] = [], retryAfter: Int? = nil
  ) {
    var details = Status.Details(causes: causes, retryAfterSeconds: retryAfter)
    if let kind {
      details.name = name
      details.group = kind.resource.group
      details.kind = code == 422 ? kind.resource.kind : kind.resource.plural
    }
    self.init(status: Status(message: message, reason: reason, code: code, details: details))
  }

  static func notFound(_ kind: ServedKind, _ name: String) -> Refusal {
    Refusal(404, "NotFound", "\(kind.qualifiedPlural) \"\(name)\" not found", kind, name: name)
  }

  /// What the server says of a path that it does not serve: no Status, plain text.
  static var notServed: Refusal {
    var refusal = Refusal(404, "NotFound", "404 page not found")
    refusal.plainText = "404 page not found\n"
    return refusal
  }

  static func alreadyExists(_ kind: ServedKind, _ name: String) -> Refusal {
    Refusal(409, "AlreadyExists", "\(kind.qualifiedPlural) \"\(name)\" already exists", kind, name: name)
  }

  static func conflict(_ kind: ServedKind, _ name: String, _ why: String) -> Refusal {
    Refusal(
      409, "Conflict", "Operation cannot be fulfilled on \(kind.qualifiedPlural) \"\(name)\": \(why)", kind, name: name)
  }

  static let modified =
    "the object has been modified; please apply your changes to the latest version and try again"

  static func invalid(_ kind: ServedKind, _ name: String, _ causes: [Status.Cause]) -> Refusal {
    let texts = causes.map { "\($0.field): \($0.message)" }
    let joined = texts.count == 1 ? texts.joined() : "[\(texts.joined(separator: ", "))]"
    return Refusal(
      422, "Invalid", "\(kind.qualifiedKind) \"\(name)\" is invalid: \(joined)", kind, name: name, causes: causes)
  }

  static func badRequest(_ message: String) -> Refusal { Refusal(400, "BadRequest", message) }

  static func forbidden(_ kind: ServedKind, _ name: String, _ why: String, causes: [Status.Cause] = []) -> Refusal {
    let subject = name.isEmpty ? kind.qualifiedPlural : "\(kind.qualifiedPlural) \"\(name)\""
    return Refusal(403, "Forbidden", "\(subject) is forbidden: \(why)", kind, name: name, causes: causes)
  }

  static func expired(_ message: String) -> Refusal { Refusal(410, "Expired", message) }

  static func methodNotAllowed() -> Refusal {
    Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
  }

  static func unsupportedMediaType(_ accepted: [String]) -> Refusal {
    let list = accepted.joined(separator: ", ")
    return Refusal(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: \(list)")
  }

  /// A state is asked for that this server has not reached.
  static func tooLarge(_ wanted: UInt64, current: UInt64) -> Refusal {
    Refusal(
      504, "Timeout", "Too large resource version: \(wanted), current: \(current)", nil,
      causes: [Status.Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")], retryAfter: 1)
  }

  var response: TransportResponse {
    if let plainText {
      return TransportResponse(
        status: status.code, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(plainText.utf8))
    }
    var headers = [(name: "Content-Type", value: "application/json")]
    if let seconds = status.details.retryAfterSeconds { headers.append(("Retry-After", String(seconds))) }
    return TransportResponse(status: status.code, headers: headers, body: status.json.serialized())
  }
}

/// A watch that the simulated API server does not open.
public struct WatchRefused: Error, Sendable {
  public var response: TransportResponse

  public init(response: TransportResponse) {
    self.response = response
  }
}
