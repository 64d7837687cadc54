public import FoundationEssentials

/// A pod of a revision as far as triggers look at it.
public struct PodFacts: Sendable, Hashable {
  public var name: String
  public var uid: String
  public var createdAt: Date?
  public var isBeingDeleted: Bool
  /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
  public var phase: String
  public var isReady: Bool
  /// When ``isReady`` changed last.
  public var readyChangedAt: Date?
  /// Since when the scheduler says that no node takes the pod; `nil` when it does not say so.
  public var unschedulableSince: Date?
  public var containers: [ContainerFacts]

  public init(
    name: String, uid: String, createdAt: Date? = nil, isBeingDeleted: Bool = false, phase: String = "Running",
    isReady: Bool = true, readyChangedAt: Date? = nil, unschedulableSince: Date? = nil,
    containers: [ContainerFacts] = []
  ) {
    self.name = name
    self.uid = uid
    self.createdAt = createdAt
    self.isBeingDeleted = isBeingDeleted
    self.phase = phase
    self.isReady = isReady
    self.readyChangedAt = readyChangedAt
    self.unschedulableSince = unschedulableSince
    self.containers = containers
  }

  /// Whether the pod counts: one that is on its way out, or has run to its end, says nothing about the release.
  public var isActive: Bool { !isBeingDeleted && phase != "Succeeded" && phase != "Failed" }
}

/// A container, init containers included.
public struct ContainerFacts: Sendable, Hashable {
  public var name: String
  /// Reason of the waiting state; `nil` when the container does not wait.
  public var waitingReason: String?
  /// Reason of the last termination, or of the present one.
  public var terminationReason: String?
  public var terminatedAt: Date?
  /// When restarts were seen to happen, as far back as is known.
  public var restarts: [Date]

  public init(
    name: String, waitingReason: String? = nil, terminationReason: String? = nil, terminatedAt: Date? = nil,
    restarts: [Date] = []
  ) {
    self.name = name
    self.waitingReason = waitingReason
    self.terminationReason = terminationReason
    self.terminatedAt = terminatedAt
    self.restarts = restarts
  }
}

extension PodFacts {
  /// The pod without what happened to its containers before a moment. What they are now stays.
  func forgetting(before moment: Date) -> PodFacts {
    var pod = self
    for index in pod.containers.indices {
      pod.containers[index].restarts.removeAll { $0 < moment }
      // Kubernetes writes whole seconds.
      if let ended = pod.containers[index].terminatedAt, ended < moment.wholeSeconds {
        pod.containers[index].terminationReason = nil
        pod.containers[index].terminatedAt = nil
      }
    }
    return pod
  }
}
