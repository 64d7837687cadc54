public import FoundationEssentials

/// One condition of an object's status.
public struct Condition: Sendable, Equatable {
  /// For example `Progressing`, `Available` or `Ready`.
  public var type: String
  /// `True`, `False` or `Unknown`.
  public var status: String
  /// One word to switch on.
  public var reason: String
  /// For people. Of a ``Deployment``'s conditions only `Progressing` has one here.
  public var message: String
  private var updated: CompactDate
  private var transitioned: CompactDate

  public init(
    type: String, status: String, reason: String = "", message: String = "", lastUpdateTime: Date? = nil,
    lastTransitionTime: Date? = nil
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    updated = CompactDate(lastUpdateTime)
    transitioned = CompactDate(lastTransitionTime)
  }

  public var lastUpdateTime: Date? {
    get { updated.date }
    set { updated = CompactDate(newValue) }
  }

  public var lastTransitionTime: Date? {
    get { transitioned.date }
    set { transitioned = CompactDate(newValue) }
  }

  /// Whether the status is `True`.
  public var isTrue: Bool { status == "True" }

  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init(type: "", status: "")
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "type": type = try cursor.readSharedString()
      case "status": status = try cursor.readStringIfPresent() ?? ""
      case "reason": reason = try cursor.readSharedStringIfPresent() ?? ""
      case "message": message = try cursor.readStringIfPresent() ?? ""
      case "lastUpdateTime": lastUpdateTime = try cursor.readTimestampIfPresent()
      case "lastTransitionTime": lastTransitionTime = try cursor.readTimestampIfPresent()
      default: try cursor.skip()
      }
    }
  }
}
