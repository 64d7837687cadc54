/// The part of a Pod that tells whether its containers work.
public struct Pod: KubernetesObject, Equatable {
  public static var resource: APIResource { .pods }

  public var metadata: ObjectMeta
  public var spec: Spec
  public var status: Status

  public init(metadata: ObjectMeta = ObjectMeta(), spec: Spec = Spec(), status: Status = Status()) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  /// What is wanted.
  public struct Spec: Sendable, Equatable {
    /// Empty until the pod is scheduled.
    public var nodeName: String
    public var initContainers: [Container]
    public var containers: [Container]

    public init(nodeName: String = "", initContainers: [Container] = [], containers: [Container] = []) {
      self.nodeName = nodeName
      self.initContainers = initContainers
      self.containers = containers
    }
  }

  /// A container that the pod is to have.
  public struct Container: Sendable, Equatable {
    public var name: String
    public var image: String

    public init(name: String, image: String = "") {
      self.name = name
      self.image = image
    }
  }

  /// What the kubelet and the scheduler report.
  public struct Status: Sendable, Equatable {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    public var phase: String
    /// Why the pod as a whole is in this state, for example `Evicted`.
    public var reason: String
    public var message: String
    public var conditions: [Condition]
    public var initContainerStatuses: [ContainerStatus]
    public var containerStatuses: [ContainerStatus]

    public init(
      phase: String = "", reason: String = "", message: String = "", conditions: [Condition] = [],
      initContainerStatuses: [ContainerStatus] = [], containerStatuses: [ContainerStatus] = []
    ) {
      self.phase = phase
      self.reason = reason
      self.message = message
      self.conditions = conditions
      self.initContainerStatuses = initContainerStatuses
      self.containerStatuses = containerStatuses
    }

    /// The condition of a type, as `Ready` or `PodScheduled`.
    public func condition(_ type: String) -> Condition? {
      conditions.first { $0.type == type }
    }
  }
}

extension Pod {
  public init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": metadata = try ObjectMeta(from: &cursor)
      case "spec": spec = try Spec(from: &cursor)
      case "status": status = try Status(from: &cursor)
      default: try cursor.skip()
      }
    }
  }
}

extension Pod.Spec {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "nodeName": nodeName = try cursor.readSharedStringIfPresent() ?? ""
      case "initContainers":
        initContainers = try cursor.readList { cursor throws(JSONError) in try Pod.Container(from: &cursor) }
      case "containers":
        containers = try cursor.readList { cursor throws(JSONError) in try Pod.Container(from: &cursor) }
      default: try cursor.skip()
      }
    }
  }
}

extension Pod.Container {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init(name: "")
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "name": name = try cursor.readSharedString()
      case "image": image = try cursor.readSharedStringIfPresent() ?? ""
      default: try cursor.skip()
      }
    }
  }
}

extension Pod.Status {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "phase": phase = try cursor.readStringIfPresent() ?? ""
      case "reason": reason = try cursor.readSharedStringIfPresent() ?? ""
      case "message": message = try cursor.readStringIfPresent() ?? ""
      case "conditions": conditions = try cursor.readList { cursor throws(JSONError) in try Condition(from: &cursor) }
      case "initContainerStatuses":
        initContainerStatuses = try cursor.readList { cursor throws(JSONError) in try ContainerStatus(from: &cursor) }
      case "containerStatuses":
        containerStatuses = try cursor.readList { cursor throws(JSONError) in try ContainerStatus(from: &cursor) }
      default: try cursor.skip()
      }
    }
  }
}
