public import FoundationEssentials
public import KubernetesClient

/// A pod that a simulated node runs.
public struct SimulatedPod {
  var pod: Pod
  var timeline: ContainerTimeline
  var hostAddress: String
  var address: String

  /// - Parameters:
  ///   - pod: as the API server has it; its status is not looked at.
  ///   - hostAddress: the node's.
  ///   - address: the pod's.
  public init(pod: Pod, timeline: ContainerTimeline, hostAddress: String, address: String) {
    self.pod = pod
    self.timeline = timeline
    self.hostAddress = hostAddress
    self.address = address
  }

  /// An address that looks like one; nothing listens there. Two of a thousand pods have the same one in one of
  /// seventeen clusters.
  public static func address(uid: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in uid.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return "10.\(128 | hash >> 24).\(hash >> 8 & 0xff).\(max(1, hash & 0xff))"
  }

  /// The status that a kubelet would report now, and when that changes next.
  public func status(at now: Date) -> (status: JSONValue, nextChange: Date?) {
    let moment = timeline.moment(at: now)
    let status: JSONValue = [
      "phase": .string(phase(moment)),
      "conditions": .array(conditions(moment)),
      "hostIP": .string(hostAddress),
      "podIP": .string(address),
      "podIPs": [["ip": .string(address)]],
      "startTime": time(timeline.start),
      "initContainerStatuses": .array(pod.spec.initContainers.map(completed)),
      "containerStatuses": .array(
        pod.spec.containers.enumerated().map { index, container in
          index == 0 ? affected(container, moment) : running(container)
        }),
    ]
    return (status, moment.until)
  }

  /// What the scheduler writes for a pod that no node takes.
  public static func unschedulable(_ message: String, since: Date) -> JSONValue {
    [
      "phase": "Pending",
      "conditions": [
        [
          "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": .string(message),
          "lastProbeTime": nil, "lastTransitionTime": .string(Timestamp.seconds(since)),
        ]
      ],
    ]
  }

  private func phase(_ moment: ContainerMoment) -> String {
    if case .waiting(let reason, _) = moment.state, reason != "CrashLoopBackOff", moment.lastRun == nil {
      return "Pending"
    }
    guard case .terminated = moment.state else { return "Running" }
    return switch timeline.behaviour.badKind {
    case .succeed: "Succeeded"
    case .fail: "Failed"
    default: "Running"
    }
  }

  private func conditions(_ moment: ContainerMoment) -> [JSONValue] {
    let readySince: Date
    if moment.isReady {
      readySince = timeline.start + timeline.behaviour.readyAfter.timeInterval
    } else if let turn = timeline.turn, case .running(let since) = moment.state, since < turn {
      readySince = turn
    } else {
      readySince = timeline.turn.map { max($0, timeline.start) } ?? timeline.start
    }
    func condition(_ type: String, _ isTrue: Bool, since: Date) -> JSONValue {
      var condition: JSONValue = [
        "type": .string(type), "status": isTrue ? "True" : "False", "lastProbeTime": nil,
        "lastTransitionTime": time(since),
        // Taken back: what is not named in a patch stays, and by the reason it is told who set a pod to not ready.
        "reason": nil, "message": nil,
      ]
      if !isTrue {
        condition["reason"] = "ContainersNotReady"
        condition["message"] = "containers with unready status: [\(pod.spec.containers.first?.name ?? "")]"
      }
      return condition
    }
    return [
      condition("Initialized", true, since: timeline.start),
      condition("Ready", moment.isReady, since: readySince),
      condition("ContainersReady", moment.isReady, since: readySince),
      condition("PodScheduled", true, since: timeline.start),
    ]
  }

  private func affected(_ container: Pod.Container, _ moment: ContainerMoment) -> JSONValue {
    var status = common(container, ready: moment.isReady, restartCount: moment.restartCount)
    switch moment.state {
    case .running(let since):
      status["started"] = true
      status["state"] = ["running": ["startedAt": time(since)]]
    case .terminated(let startedAt, let finishedAt):
      status["started"] = false
      status["state"] = ["terminated": termination(container, startedAt: startedAt, finishedAt: finishedAt)]
    case .waiting(let reason, let backOff):
      status["started"] = false
      status["state"] = [
        "waiting": ["reason": .string(reason), "message": .string(message(container, reason, backOff: backOff))]
      ]
      if reason != "CrashLoopBackOff" {
        status["imageID"] = ""
        status["containerID"] = ""
      }
    }
    if let lastRun = moment.lastRun {
      status["lastState"] = [
        "terminated": termination(container, startedAt: lastRun.startedAt, finishedAt: lastRun.finishedAt)
      ]
    }
    return status
  }

  private func message(_ container: Pod.Container, _ reason: String, backOff: Int) -> String {
    let metadata = pod.metadata
    return switch reason {
    case "ErrImagePull":
      "rpc error: code = NotFound desc = failed to pull and unpack image \"\(container.image)\": not found"
    case "ImagePullBackOff": "Back-off pulling image \"\(container.image)\""
    default:
      "back-off \(backOff / 60 > 0 ? "\(backOff / 60)m\(backOff % 60)s" : "\(backOff)s") restarting failed "
        + "container=\(container.name) pod=\(metadata.name)_\(metadata.namespace ?? "")(\(metadata.uid))"
    }
  }

  private func termination(_ container: Pod.Container, startedAt: Date, finishedAt: Date) -> JSONValue {
    let (reason, exitCode) =
      switch timeline.behaviour.badKind {
      case .oomKilled: ("OOMKilled", 137)
      case .succeed: ("Completed", 0)
      default: ("Error", 1)
      }
    return [
      "reason": .string(reason), "exitCode": JSONValue(exitCode),
      "startedAt": time(startedAt), "finishedAt": time(finishedAt), "containerID": .string(identifier(container)),
    ]
  }

  private func running(_ container: Pod.Container) -> JSONValue {
    var status = common(container, ready: true, restartCount: 0)
    status["started"] = true
    status["state"] = ["running": ["startedAt": time(timeline.start)]]
    return status
  }

  private func completed(_ container: Pod.Container) -> JSONValue {
    var status = common(container, ready: true, restartCount: 0)
    status["state"] = [
      "terminated": [
        "reason": "Completed", "exitCode": 0, "startedAt": time(timeline.start), "finishedAt": time(timeline.start),
        "containerID": .string(identifier(container)),
      ]
    ]
    return status
  }

  private func common(_ container: Pod.Container, ready: Bool, restartCount: Int) -> JSONValue {
    [
      "name": .string(container.name), "image": .string(container.image), "imageID": .string(container.image),
      "containerID": .string(identifier(container)), "ready": .bool(ready), "restartCount": JSONValue(restartCount),
      "lastState": [:],
    ]
  }

  private func identifier(_ container: Pod.Container) -> String {
    "simulated://\(pod.metadata.uid)/\(container.name)"
  }

  private func time(_ date: Date) -> JSONValue { .string(Timestamp.seconds(date)) }
}
