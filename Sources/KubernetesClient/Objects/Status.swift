/// `metav1.Status`: what the API server says of a failed request, or of a delete.
public struct Status: Sendable, Equatable {
  /// `Success` or `Failure`.
  public var status: String
  /// For people.
  public var message: String
  /// One word to switch on, as `NotFound` or `Expired`.
  public var reason: String
  /// The HTTP status.
  public var code: Int
  public var details: Details

  public init(
    status: String = "Failure", message: String = "", reason: String = "", code: Int = 0, details: Details = Details()
  ) {
    self.status = status
    self.message = message
    self.reason = reason
    self.code = code
    self.details = details
  }

  /// Which object the status is about, and what is wrong with it.
  public struct Details: Sendable, Equatable {
    public var name: String
    public var group: String
    public var kind: String
    public var uid: String
    public var causes: [Cause]
    /// How long to wait before asking again.
    public var retryAfterSeconds: Int?

    public init(
      name: String = "", group: String = "", kind: String = "", uid: String = "", causes: [Cause] = [],
      retryAfterSeconds: Int? = nil
    ) {
      self.name = name
      self.group = group
      self.kind = kind
      self.uid = uid
      self.causes = causes
      self.retryAfterSeconds = retryAfterSeconds
    }
  }

  /// One reason for a refusal.
  public struct Cause: Sendable, Equatable {
    /// One word, as `FieldValueInvalid`.
    public var reason: String
    public var message: String
    /// Path of the field, as `spec.replicas`.
    public var field: String

    public init(reason: String = "", message: String = "", field: String = "") {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  /// Reads the body of an answer.
  ///
  /// - Returns: `nil` if the body is not a `Status`, as those of proxies are not.
  public static func decode(_ bytes: [UInt8]) -> Status? {
    var cursor = JSONCursor(bytes.span)
    guard let kind = try? cursor.kindOfObject(), kind == "Status" else { return nil }
    cursor = JSONCursor(bytes.span)
    return try? Status(from: &cursor)
  }

  /// Reads one `Status`.
  public init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init(status: "")
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "status": status = try cursor.readStringIfPresent() ?? ""
      case "message": message = try cursor.readStringIfPresent() ?? ""
      case "reason": reason = try cursor.readStringIfPresent() ?? ""
      case "code": code = try cursor.readIntIfPresent() ?? 0
      case "details": details = try Details(from: &cursor)
      default: try cursor.skip()
      }
    }
  }

  /// As the API server writes it; for servers in tests.
  public var json: JSONValue {
    var details: JSONValue = [:]
    if !self.details.name.isEmpty { details["name"] = .string(self.details.name) }
    if !self.details.group.isEmpty { details["group"] = .string(self.details.group) }
    if !self.details.kind.isEmpty { details["kind"] = .string(self.details.kind) }
    if !self.details.uid.isEmpty { details["uid"] = .string(self.details.uid) }
    if !self.details.causes.isEmpty {
      details["causes"] = .array(
        self.details.causes.map {
          ["reason": .string($0.reason), "message": .string($0.message), "field": .string($0.field)]
        })
    }
    if let seconds = self.details.retryAfterSeconds { details["retryAfterSeconds"] = JSONValue(seconds) }
    return [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": .string(status), "message": .string(message),
      "reason": .string(reason), "details": details, "code": JSONValue(code),
    ]
  }
}

extension Status.Details {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "name": name = try cursor.readStringIfPresent() ?? ""
      case "group": group = try cursor.readStringIfPresent() ?? ""
      case "kind": kind = try cursor.readStringIfPresent() ?? ""
      case "uid": uid = try cursor.readStringIfPresent() ?? ""
      case "causes": causes = try cursor.readList { cursor throws(JSONError) in try Status.Cause(from: &cursor) }
      case "retryAfterSeconds": retryAfterSeconds = try cursor.readIntIfPresent()
      default: try cursor.skip()
      }
    }
  }
}

extension Status.Cause {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "reason": reason = try cursor.readStringIfPresent() ?? ""
      case "message": message = try cursor.readStringIfPresent() ?? ""
      case "field": field = try cursor.readStringIfPresent() ?? ""
      default: try cursor.skip()
      }
    }
  }
}

extension JSONCursor {
  /// The `kind` of the object that comes next.
  fileprivate mutating func kindOfObject() throws(JSONError) -> String? {
    var kind: String?
    try beginObject()
    while let key = try nextMember() {
      if key == "kind" { kind = try readStringIfPresent() } else { try skip() }
    }
    return kind
  }
}
