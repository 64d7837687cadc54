public import FoundationEssentials
public import RollbackCore

/// Instants of tests count from here: 2026-01-01T00:00:00Z.
public let testStart = Date(timeIntervalSince1970: 1_767_225_600)

extension Revision {
  /// A revision of the test workload; its hash and UID follow from `name`.
  public static func test(
    _ number: Int64, _ name: String? = nil, verdict: Verdict? = nil, version: String? = nil
  ) -> Revision {
    let name = name ?? "r\(number)"
    return Revision(
      name: "web-\(name)", uid: "uid-\(name)", number: number, hash: name, createdAt: testStart, verdict: verdict,
      version: version ?? "version-\(name)", images: ["web:\(name)"])
  }
}

extension Facts {
  /// A Deployment of two replicas whose second revision was just rolled out and is healthy; the first is unproven.
  public static var healthy: Facts {
    Facts(
      now: testStart.addingTimeInterval(60),
      policy: PolicyFacts(name: "web", uid: "policy", spec: PolicySpec(target: Target(name: "web"))),
      workload: WorkloadFacts(
        namespace: "shop", name: "web", uid: "workload", desiredReplicas: 2, replicas: 2, updatedReplicas: 2,
        availableReplicas: 2, revision: 2,
        progressing: .init(isTrue: true, reason: "NewReplicaSetAvailable", lastUpdate: testStart)),
      revisions: [.test(1), .test(2)], suspectPods: [.healthy("a"), .healthy("b")], memory: TargetMemory(), history: [])
  }

  public func at(_ seconds: TimeInterval) -> Facts {
    with { $0.now = testStart.addingTimeInterval(seconds) }
  }

  public func with(_ change: (inout Facts) -> Void) -> Facts {
    var facts = self
    change(&facts)
    return facts
  }

  public func revisions(_ revisions: Revision..., current: Int64? = nil) -> Facts {
    with {
      $0.revisions = revisions
      $0.workload.revision = current ?? revisions.map(\.number).max()
    }
  }

  public func pods(_ pods: PodFacts...) -> Facts { with { $0.suspectPods = pods } }

  public func crashLooping() -> Facts { pods(.healthy("a"), .waiting("b", "CrashLoopBackOff")) }

  public func paused() -> Facts { with { $0.workload.isPaused = true } }

  public func policy(_ change: (inout PolicySpec) -> Void) -> Facts { with { change(&$0.policy.spec) } }

  /// The same pair at a later look, remembering what was concluded.
  public func after(_ assessment: Assessment, at seconds: TimeInterval) -> Facts {
    with {
      $0.memory = assessment.memory
      $0.now = testStart.addingTimeInterval(seconds)
    }
  }
}

extension PodFacts {
  public static func healthy(_ name: String) -> PodFacts {
    PodFacts(
      name: name, uid: "pod-\(name)", createdAt: testStart, readyChangedAt: testStart,
      containers: [ContainerFacts(name: "web")])
  }

  /// A pod whose container waits for `reason`.
  public static func waiting(_ name: String, _ reason: String) -> PodFacts {
    PodFacts(
      name: name, uid: "pod-\(name)", createdAt: testStart, isReady: false, readyChangedAt: testStart,
      containers: [ContainerFacts(name: "web", waitingReason: reason)])
  }
}
