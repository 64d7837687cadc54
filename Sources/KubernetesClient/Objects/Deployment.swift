/// The part of an `apps/v1` Deployment that the operator watches. The pod template is not in it: it is read when
/// needed.
///
/// A value behind one reference: a hundred thousand of them are cached and passed around. Changing one copies it.
public struct Deployment: KubernetesObject, Equatable {
  public static var resource: APIResource { .deployments }

  private var box: Box<Content>

  fileprivate struct Content: Sendable, Equatable {
    var metadata = ObjectMeta()
    var spec = Spec()
    var status = Status()
  }

  public init(metadata: ObjectMeta = ObjectMeta(), spec: Spec = Spec(), status: Status = Status()) {
    box = Box(Content(metadata: metadata, spec: spec, status: status))
  }

  public var metadata: ObjectMeta {
    get { box.value.metadata }
    set { box = Box(Content(metadata: newValue, spec: spec, status: status)) }
  }

  public var spec: Spec {
    get { box.value.spec }
    set { box = Box(Content(metadata: metadata, spec: newValue, status: status)) }
  }

  public var status: Status {
    get { box.value.status }
    set { box = Box(Content(metadata: metadata, spec: spec, status: newValue)) }
  }

  /// What is wanted.
  public struct Spec: Sendable, Equatable {
    public var replicas: Int
    /// Changes of the template are not rolled out.
    public var paused: Bool
    public var selector: LabelSelector
    /// Seconds without progress after which the Deployment is said to be stuck; 600 if not given.
    public var progressDeadlineSeconds: Int
    /// How many old ReplicaSets are kept; 10 if not given.
    public var revisionHistoryLimit: Int
    /// Labels of the pod template.
    public var templateLabels: StringMap
    /// Annotations of the pod template.
    public var templateAnnotations: StringMap

    public init(
      replicas: Int = 1, paused: Bool = false, selector: LabelSelector = LabelSelector(),
      progressDeadlineSeconds: Int = 600, revisionHistoryLimit: Int = 10, templateLabels: StringMap = [:],
      templateAnnotations: StringMap = [:]
    ) {
      self.replicas = replicas
      self.paused = paused
      self.selector = selector
      self.progressDeadlineSeconds = progressDeadlineSeconds
      self.revisionHistoryLimit = revisionHistoryLimit
      self.templateLabels = templateLabels
      self.templateAnnotations = templateAnnotations
    }
  }

  /// What the Deployment controller has seen.
  public struct Status: Sendable, Equatable {
    /// The generation that the numbers below are about.
    public var observedGeneration: Int64
    public var replicas: Int
    /// Pods of the newest template.
    public var updatedReplicas: Int
    public var readyReplicas: Int
    public var availableReplicas: Int
    public var unavailableReplicas: Int
    public var conditions: [Condition]

    public init(
      observedGeneration: Int64 = 0, replicas: Int = 0, updatedReplicas: Int = 0, readyReplicas: Int = 0,
      availableReplicas: Int = 0, unavailableReplicas: Int = 0, conditions: [Condition] = []
    ) {
      self.observedGeneration = observedGeneration
      self.replicas = replicas
      self.updatedReplicas = updatedReplicas
      self.readyReplicas = readyReplicas
      self.availableReplicas = availableReplicas
      self.unavailableReplicas = unavailableReplicas
      self.conditions = conditions
    }

    /// The condition of a type, as `Progressing` or `Available`.
    public func condition(_ type: String) -> Condition? {
      conditions.first { $0.type == type }
    }
  }
}

extension Deployment.Content {
  /// The three sets of labels are often the same: then they share one allocation.
  fileprivate mutating func shareLabels() {
    if spec.templateLabels == metadata.labels { spec.templateLabels = metadata.labels }
    if spec.selector.matchLabels == metadata.labels {
      spec.selector.matchLabels = metadata.labels
    } else if spec.selector.matchLabels == spec.templateLabels {
      spec.selector.matchLabels = spec.templateLabels
    }
  }
}

extension Deployment {
  public init(from cursor: inout JSONCursor) throws(JSONError) {
    var content = Content()
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": content.metadata = try ObjectMeta(from: &cursor)
      case "spec": content.spec = try Spec(from: &cursor)
      case "status": content.status = try Status(from: &cursor)
      default: try cursor.skip()
      }
    }
    content.shareLabels()
    box = Box(content)
  }
}

extension Deployment.Spec {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "replicas": replicas = try cursor.readIntIfPresent() ?? 1
      case "paused": paused = try cursor.readBoolIfPresent() ?? false
      case "selector": selector = try LabelSelector(from: &cursor)
      case "progressDeadlineSeconds": progressDeadlineSeconds = try cursor.readIntIfPresent() ?? 600
      case "revisionHistoryLimit": revisionHistoryLimit = try cursor.readIntIfPresent() ?? 10
      case "template": try readTemplate(from: &cursor)
      default: try cursor.skip()
      }
    }
  }

  private mutating func readTemplate(from cursor: inout JSONCursor) throws(JSONError) {
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      guard key == "metadata" else {
        try cursor.skip()
        continue
      }
      let metadata = try ObjectMeta(from: &cursor)
      templateLabels = metadata.labels
      templateAnnotations = metadata.annotations
    }
  }
}

extension Deployment.Status {
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    while let key = try cursor.nextMember() {
      switch key {
      case "observedGeneration": observedGeneration = try cursor.readInt64IfPresent() ?? 0
      case "replicas": replicas = try cursor.readIntIfPresent() ?? 0
      case "updatedReplicas": updatedReplicas = try cursor.readIntIfPresent() ?? 0
      case "readyReplicas": readyReplicas = try cursor.readIntIfPresent() ?? 0
      case "availableReplicas": availableReplicas = try cursor.readIntIfPresent() ?? 0
      case "unavailableReplicas": unavailableReplicas = try cursor.readIntIfPresent() ?? 0
      case "conditions":
        conditions = try cursor.readList { cursor throws(JSONError) in
          var condition = try Condition(from: &cursor)
          // The others say no more than their reason.
          if condition.type != "Progressing" { condition.message = "" }
          return condition
        }
      default: try cursor.skip()
      }
    }
  }
}
