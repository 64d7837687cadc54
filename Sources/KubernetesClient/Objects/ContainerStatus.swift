public import FoundationEssentials

/// What the kubelet reports of one container.
public struct ContainerStatus: Sendable, Equatable {
  public var name: String
  public var image: String
  public var ready: Bool
  public var restartCount: Int
  /// What the container does now; `nil` if the kubelet has not said.
  public var state: ContainerState?
  /// How it ended before its last restart.
  public var lastState: ContainerState?

  public init(
    name: String, image: String = "", ready: Bool = false, restartCount: Int = 0, state: ContainerState? = nil,
    lastState: ContainerState? = nil
  ) {
    self.name = name
    self.image = image
    self.ready = ready
    self.restartCount = restartCount
    self.state = state
    self.lastState = lastState
  }
}

/// What a container does, or how it ended.
public enum ContainerState: Sendable, Equatable {
  /// Not started; the reason is for example `CrashLoopBackOff` or `ImagePullBackOff`.
  case waiting(reason: String, message: String)
  case running(startedAt: Date?)
  case terminated(Termination)

  /// How a container ended.
  public struct Termination: Sendable, Equatable {
    /// For example `Completed`, `Error` or `OOMKilled`.
    public var reason: String
    public var exitCode: Int
    public var startedAt: Date?
    public var finishedAt: Date?
    public var message: String

    public init(
      reason: String = "", exitCode: Int = 0, startedAt: Date? = nil, finishedAt: Date? = nil, message: String = ""
    ) {
      self.reason = reason
      self.exitCode = exitCode
      self.startedAt = startedAt
      self.finishedAt = finishedAt
      self.message = message
    }
  }

  /// The reason for waiting; `nil` if the container is not waiting.
  public var waitingReason: String? {
    if case .waiting(let reason, _) = self { reason } else { nil }
  }

  /// How the container ended; `nil` if it has not.
  public var termination: Termination? {
    if case .terminated(let termination) = self { termination } else { nil }
  }

  /// When the container started; `nil` if it is not running.
  public var runningSince: Date? {
    if case .running(let startedAt) = self { startedAt } else { nil }
  }
}

extension ContainerStatus {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init(name: "")
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "name": name = try cursor.readSharedString()
      case "image": image = try cursor.readSharedStringIfPresent() ?? ""
      case "ready": ready = try cursor.readBoolIfPresent() ?? false
      case "restartCount": restartCount = try cursor.readIntIfPresent() ?? 0
      case "state": state = try ContainerState.read(from: &cursor)
      case "lastState": lastState = try ContainerState.read(from: &cursor)
      default: try cursor.skip()
      }
    }
  }
}

extension ContainerState {
  /// Reads the object of which one member says the state; `{}` and `null` say nothing.
  static func read(from cursor: inout JSONCursor) throws(JSONError) -> ContainerState? {
    guard try cursor.beginObjectIfPresent() else { return nil }
    var state: ContainerState?
    while let key = try cursor.nextMember() {
      switch key {
      case "waiting": state = try readWaiting(from: &cursor) ?? state
      case "running": state = try readRunning(from: &cursor) ?? state
      case "terminated": state = try readTerminated(from: &cursor) ?? state
      default: try cursor.skip()
      }
    }
    return state
  }

  private static func readWaiting(from cursor: inout JSONCursor) throws(JSONError) -> ContainerState? {
    guard try cursor.beginObjectIfPresent() else { return nil }
    var reason = ""
    var message = ""
    while let key = try cursor.nextMember() {
      switch key {
      case "reason": reason = try cursor.readSharedStringIfPresent() ?? ""
      case "message": message = try cursor.readStringIfPresent() ?? ""
      default: try cursor.skip()
      }
    }
    return .waiting(reason: reason, message: message)
  }

  private static func readRunning(from cursor: inout JSONCursor) throws(JSONError) -> ContainerState? {
    guard try cursor.beginObjectIfPresent() else { return nil }
    var startedAt: Date?
    while let key = try cursor.nextMember() {
      switch key {
      case "startedAt": startedAt = try cursor.readTimestampIfPresent()
      default: try cursor.skip()
      }
    }
    return .running(startedAt: startedAt)
  }

  private static func readTerminated(from cursor: inout JSONCursor) throws(JSONError) -> ContainerState? {
    guard try cursor.beginObjectIfPresent() else { return nil }
    var termination = Termination()
    while let key = try cursor.nextMember() {
      switch key {
      case "reason": termination.reason = try cursor.readSharedStringIfPresent() ?? ""
      case "exitCode": termination.exitCode = try cursor.readIntIfPresent() ?? 0
      case "startedAt": termination.startedAt = try cursor.readTimestampIfPresent()
      case "finishedAt": termination.finishedAt = try cursor.readTimestampIfPresent()
      case "message": termination.message = try cursor.readStringIfPresent() ?? ""
      default: try cursor.skip()
      }
    }
    return .terminated(termination)
  }
}
