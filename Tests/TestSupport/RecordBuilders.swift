import FoundationEssentials
public import RollbackCore

extension RollbackRecord {
  /// A fresh event: the pods trigger fired for revision 3 of `web`, revision 2 is to be returned to.
  public static var proven: RollbackRecord {
    RollbackRecord(
      name: "web-r3-abcde", createdAt: testStart,
      spec: EventSpec(
        policy: .init(name: "web", uid: "policy"), target: .init(name: "web", uid: "workload"), origin: .trigger,
        trigger: .init(name: "pods", severity: .high, value: "1/2", threshold: "0", since: testStart, message: "crash"),
        suspect: Revision.test(3).reference, to: Revision.test(2).reference, mode: .auto),
      status: EventStatus())
  }

  /// A person's request without a policy.
  public static func manual(to: RevisionReference? = nil) -> RollbackRecord {
    RollbackRecord(
      name: "web-manual", createdAt: testStart,
      spec: EventSpec(target: .init(name: "web", uid: nil), origin: .manual, reason: "security hole", to: to),
      status: EventStatus())
  }

  public func with(_ change: (inout RollbackRecord) -> Void) -> RollbackRecord {
    var record = self
    change(&record)
    return record
  }
}

extension Observation {
  /// The API server's view of the suspect in place, revision 2 good, everything permitted.
  public static var live: Observation {
    var workload = Facts.healthy.workload
    workload.revision = 3
    let revisions = [Revision.test(1), .test(2, verdict: .good), .test(3)]
    return Observation(
      now: testStart.addingTimeInterval(1), policy: .present(PolicySpec(target: Target(name: "web"))),
      workload: workload, revisions: RevisionBook(revisions), current: revisions[2], isLive: true,
      returnedPods: [.healthy("a")])
  }

  public func with(_ change: (inout Observation) -> Void) -> Observation {
    var observation = self
    change(&observation)
    return observation
  }

  /// The template of a revision is the workload's now, and the controller has seen it.
  public func running(_ number: Int64, as newNumber: Int64? = nil) -> Observation {
    with { seen in
      for index in seen.revisions.revisions.indices where seen.revisions.revisions[index].number == number {
        seen.revisions.revisions[index].number = newNumber ?? number
        seen.current = seen.revisions.revisions[index]
      }
      seen.workload?.revision = newNumber ?? number
    }
  }

  public func marked(_ hash: String, _ verdict: Revision.Verdict) -> Observation {
    with { seen in
      for index in seen.revisions.revisions.indices where seen.revisions.revisions[index].hash == hash {
        seen.revisions.revisions[index].verdict = verdict
      }
      if seen.current?.hash == hash { seen.current?.verdict = verdict }
    }
  }
}
