public import FoundationEssentials

/// Everything that is known about one (policy, workload) pair at one moment. Evaluation, decision and plan are
/// functions of this value alone: nothing below it reads a clock, a cache or the network.
public struct Facts: Sendable {
  /// Wall time, read once.
  public var now: Date
  public var policy: PolicyFacts
  public var workload: WorkloadFacts
  /// The revisions that the API server still keeps, in no order.
  public var revisions: [Revision]
  /// The pods of the current revision; `nil` while they are not wholly known.
  public var suspectPods: [PodFacts]?
  /// What was concluded at earlier evaluations of this pair.
  public var memory: TargetMemory
  /// The events of this pair, in no order.
  public var history: [EventFacts]
  /// Template hashes that events have undone which name the workload by its UID, of any policy or of none.
  public var undoneHashes: Set<String>
  /// What was sampled, by trigger.
  public var samples: [String: SampleSeries]
  /// The cluster-wide freeze, if there is one.
  public var freeze: Freeze?
  /// Why a person holds automatic rollbacks of the workload; `nil` when nobody does.
  public var holdReason: String?
  /// What else is protected.
  public var peers = Peers()
  /// The breach that is decided about.
  var judged: JudgedBreach?

  public init(
    now: Date, policy: PolicyFacts, workload: WorkloadFacts, revisions: [Revision], suspectPods: [PodFacts]?,
    memory: TargetMemory, history: [EventFacts], undoneHashes: Set<String> = [],
    samples: [String: SampleSeries] = [:]
  ) {
    self.now = now
    self.policy = policy
    self.workload = workload
    self.revisions = revisions
    self.suspectPods = suspectPods
    self.memory = memory
    self.history = history
    self.undoneHashes = undoneHashes
    self.samples = samples
  }
}

/// The policy as far as decisions depend on it.
public struct PolicyFacts: Sendable {
  public var name: String
  public var uid: String
  public var spec: PolicySpec

  public init(name: String, uid: String, spec: PolicySpec) {
    self.name = name
    self.uid = uid
    self.spec = spec
  }
}

/// A Deployment as far as decisions depend on it.
public struct WorkloadFacts: Sendable {
  public var namespace: String
  public var name: String
  public var uid: String
  public var isPaused: Bool
  public var isBeingDeleted: Bool
  public var generation: Int64
  /// The generation the Deployment controller has acted on; below ``generation`` the status is about an older spec.
  public var observedGeneration: Int64
  public var desiredReplicas: Int
  public var replicas: Int
  public var updatedReplicas: Int
  public var availableReplicas: Int
  /// The revision number the Deployment controller gave to the current template.
  public var revision: Int64?
  public var progressing: Progressing?
  public var progressDeadlineSeconds: Int64

  /// The Deployment's `Progressing` condition.
  public struct Progressing: Sendable {
    public var isTrue: Bool
    public var reason: String
    public var lastUpdate: Date?
    public var lastTransition: Date?

    public init(isTrue: Bool, reason: String, lastUpdate: Date? = nil, lastTransition: Date? = nil) {
      self.isTrue = isTrue
      self.reason = reason
      self.lastUpdate = lastUpdate
      self.lastTransition = lastTransition
    }
  }

  public init(
    namespace: String, name: String, uid: String, isPaused: Bool = false, isBeingDeleted: Bool = false,
    generation: Int64 = 1, observedGeneration: Int64 = 1, desiredReplicas: Int = 1, replicas: Int = 1,
    updatedReplicas: Int = 1, availableReplicas: Int = 1, revision: Int64? = 1, progressing: Progressing? = nil,
    progressDeadlineSeconds: Int64 = 600
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.isPaused = isPaused
    self.isBeingDeleted = isBeingDeleted
    self.generation = generation
    self.observedGeneration = observedGeneration
    self.desiredReplicas = desiredReplicas
    self.replicas = replicas
    self.updatedReplicas = updatedReplicas
    self.availableReplicas = availableReplicas
    self.revision = revision
    self.progressing = progressing
    self.progressDeadlineSeconds = progressDeadlineSeconds
  }

  /// Whether the status is about the spec as it is now.
  public var isObserved: Bool { observedGeneration >= generation }

  /// Whether the rollout is complete, as `kubectl rollout status` understands it.
  public var isComplete: Bool {
    isObserved && updatedReplicas == desiredReplicas && replicas == updatedReplicas
      && availableReplicas == updatedReplicas
  }
}

/// One ReplicaSet of a workload.
public struct Revision: Hashable, Sendable {
  public var name: String
  public var uid: String
  /// Revision number now; it moves when the revision is rolled back to.
  public var number: Int64
  /// `pod-template-hash`.
  public var hash: String
  public var createdAt: Date?
  /// Whether it has been the current revision more than once, so that its creation is not the rollout's start.
  public var isReused: Bool
  public var isBeingDeleted: Bool
  /// The verdict on it; one that was given for another template hash counts as none.
  public var verdict: Verdict?
  /// How many times its verdict `Bad` has been forgiven.
  public var attempt: Int
  /// Fingerprint of its template without restart annotations: equal for revisions that are the same version. `nil` when
  /// the template has not been read.
  public var version: String?
  public var images: [String]?

  /// What a trial or a rollback concluded about a revision.
  public enum Verdict: String, Hashable, Sendable, Codable {
    case good = "Good"
    case bad = "Bad"
  }

  public init(
    name: String, uid: String, number: Int64, hash: String, createdAt: Date? = nil, isReused: Bool = false,
    isBeingDeleted: Bool = false, verdict: Verdict? = nil, attempt: Int = 0, version: String? = nil,
    images: [String]? = nil
  ) {
    self.name = name
    self.uid = uid
    self.number = number
    self.hash = hash
    self.createdAt = createdAt
    self.isReused = isReused
    self.isBeingDeleted = isBeingDeleted
    self.verdict = verdict
    self.attempt = attempt
    self.version = version
    self.images = images
  }

  /// The revision as journals name it.
  public var reference: RevisionReference { RevisionReference(revision: number, hash: hash, images: images) }

  /// Whether two revisions run the same version. Revisions whose templates have not been read are the same only when
  /// they are one.
  public func isSameVersion(as other: Revision) -> Bool {
    if uid == other.uid || hash == other.hash { return true }
    guard let version, let otherVersion = other.version else { return false }
    return version == otherVersion
  }
}

/// A RollbackEvent as far as later decisions depend on it.
public struct EventFacts: Sendable {
  public var name: String
  public var suspectHash: String?
  /// The suspect's revision number when the event was made; a higher one now means that it was deployed again.
  public var suspectRevision: Int64?
  public var isAutomatic: Bool
  public var outcome: EventStatus.Outcome?
  /// When the undo was begun; `nil` when nothing was changed.
  public var actedAt: Date?
  /// When what it answers to began.
  public var began: Date?
  /// Whether its plan has been journalled and was not withdrawn.
  public var hasStarted: Bool
  /// The trigger that it answers to.
  public var trigger: String?
  /// The number of the incident, when no rollout was to blame.
  public var incident: Int64?

  public init(
    name: String, suspectHash: String?, suspectRevision: Int64?, isAutomatic: Bool, outcome: EventStatus.Outcome?,
    actedAt: Date? = nil, began: Date? = nil, hasStarted: Bool = false, trigger: String? = nil,
    incident: Int64? = nil
  ) {
    self.name = name
    self.suspectHash = suspectHash
    self.suspectRevision = suspectRevision
    self.isAutomatic = isAutomatic
    self.outcome = outcome
    self.actedAt = actedAt
    self.began = began
    self.hasStarted = hasStarted
    self.trigger = trigger
    self.incident = incident
  }

  /// Whether nothing will be done for the event any more.
  public var isFinal: Bool { outcome?.isFinal ?? false }

  /// Whether it is the undo of another revision, and not known yet whether it helped.
  func isUnderWay(insteadOf current: Revision) -> Bool {
    hasStarted && !isFinal && suspectHash != nil && suspectHash != current.hash
  }
}
