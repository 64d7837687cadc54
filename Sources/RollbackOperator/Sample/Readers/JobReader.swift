import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore
import Synchronization

/// Runs the smoke test of a rollout once and reads how it ended.
///
/// The Job's name follows from what it tests, so that two operators, or one that crashed, can only ever make the same
/// one (R1).
final class JobReader: Sendable {
  /// How many Jobs' ends are remembered: what was told once stays so when the Job is cleared away.
  private static let mostRemembered = 1_000

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let ended = Mutex<(byName: [String: Sample.Outcome], names: [String])>(([:], []))

  /// - Parameter client: writes only while this process leads.
  init(client: KubernetesClient, clock: any RuntimeClock) {
    self.client = client
    self.clock = clock
  }

  func read(_ job: JobMeasurement) async -> MeasurementResult {
    let outcome: Sample.Outcome
    do throws(KubernetesError) {
      outcome = try await state(of: job)
    } catch {
      outcome = .failed(Self.cause(error))
    }
    return MeasurementResult(samples: [Sample(at: clock.wallTime, outcome)])
  }

  private func state(of job: JobMeasurement) async throws(KubernetesError) -> Sample.Outcome {
    let namespace = job.pods.workload.namespace
    let key = "\(namespace)/\(job.name)"
    if let known = ended.withLock({ $0.byName[key] }) { return known }
    var object: JSONValue
    do throws(KubernetesError) {
      object = try await client.getValue(.jobs, namespace: namespace, name: job.name)
    } catch {
      guard error.code == .notFound else { throw error }
      if let wait = job.wait { return wait.outcome }
      do throws(KubernetesError) {
        object = try await client.create(
          .jobs, namespace: namespace, job.object, options: WriteOptions(fieldValidation: .strict))
      } catch {
        guard error.code == .alreadyExists || error.isOutcomeUnknown else { throw error }
        object = try await client.getValue(.jobs, namespace: namespace, name: job.name)
      }
    }
    let outcome = job.outcome(of: object, now: clock.wallTime)
    if case .check = outcome { remember(outcome, key) }
    return outcome
  }

  private func remember(_ outcome: Sample.Outcome, _ key: String) {
    ended.withLock { ended in
      guard ended.byName.updateValue(outcome, forKey: key) == nil else { return }
      ended.names.append(key)
      if ended.names.count > Self.mostRemembered { ended.byName[ended.names.removeFirst()] = nil }
    }
  }

  private static func cause(_ error: KubernetesError) -> String {
    switch error.code {
    case .invalid, .badRequest: "the smoke test's template was refused; mend job.template: \(error.reason)"
    case .forbidden: "the smoke test may not be run (get and create of batch jobs, quota or admission): \(error.reason)"
    default: "\(error)"
    }
  }
}

extension JobMeasurement.Wait {
  /// What is said of a test that has not begun.
  var outcome: Sample.Outcome {
    switch self {
    case .rollout: .noData("the smoke test waits until the rollout is complete")
    case .observing: .noData("mode Observe changes nothing, so the smoke test is not run")
    case .notDue: .check(passed: true, value: "not due", message: "no rollout is to be tested")
    }
  }
}

extension JobMeasurement {
  /// `<target>-<trigger>-<short hash>`, at most 63 characters, because a Job's pods carry it as a label.
  var name: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let parts: [String] = [
      pods.workload.namespace, pods.workload.name, pods.hash, String(revision), trigger, policy.uid ?? policy.name,
      owner.uid,
    ]
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      // A separator, so that ("ab", "c") and ("a", "bc") differ.
      hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
    }
    // A Deployment's name may have points, which a label value may have and a pod's host name may not.
    let head = "\(pods.workload.name)-\(trigger)".prefix(49).map { $0 == "." ? "-" : $0 }
    let digits = String(hash, radix: 36)
    return String(head) + "-" + String(repeating: "0", count: 13 - digits.count) + digits
  }

  /// The Job with what the template leaves open: one try, and no longer than the trigger waits.
  var object: JSONValue {
    let template = JSONValue(job.template)
    var spec: JSONValue = template["spec"] ?? [:]
    if spec["backoffLimit"] == nil { spec["backoffLimit"] = 0 }
    if spec["activeDeadlineSeconds"] == nil {
      spec["activeDeadlineSeconds"] = JSONValue(max(1, job.timeout.milliseconds / 1_000))
    }
    var containers = spec.at("/template/spec/containers")?.array ?? []
    for index in containers.indices { containers[index] = withNames(containers[index]) }
    if !containers.isEmpty, var pod = spec["template"], var podSpec = pod["spec"] {
      podSpec["containers"] = .array(containers)
      pod["spec"] = podSpec
      spec["template"] = pod
    }
    var labels: JSONValue = template.at("/metadata/labels") ?? [:]
    labels["app.kubernetes.io/managed-by"] = "rollback-operator"
    var annotations: JSONValue = template.at("/metadata/annotations") ?? [:]
    annotations["rollback-operator.io/policy"] = .string(policy.name)
    annotations["rollback-operator.io/trigger"] = .string(trigger)
    let reference: JSONValue = [
      "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": .string(owner.name), "uid": .string(owner.uid),
      "controller": false, "blockOwnerDeletion": false,
    ]
    let metadata: JSONValue = [
      "name": .string(name), "namespace": .string(pods.workload.namespace), "labels": labels,
      "annotations": annotations, "ownerReferences": [reference],
    ]
    return ["apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec]
  }

  /// A container that is told what it tests, unless it says so itself.
  private func withNames(_ container: JSONValue) -> JSONValue {
    var container = container
    var variables = container["env"]?.array ?? []
    let given = Set(variables.compactMap { $0["name"]?.string })
    let own = [
      ("ROLLBACK_TARGET", pods.workload.name), ("ROLLBACK_REVISION", String(revision)), ("ROLLBACK_HASH", pods.hash),
    ]
    for (name, value) in own where !given.contains(name) {
      variables.append(["name": .string(name), "value": .string(value)])
    }
    container["env"] = .array(variables)
    return container
  }

  /// How a Job stands.
  func outcome(of object: JSONValue, now: Date) -> Sample.Outcome {
    guard object.at("/metadata/annotations")?["rollback-operator.io/trigger"]?.string == trigger else {
      return .failed("there is a Job \(name) that is not this trigger's; delete it")
    }
    let conditions = object.at("/status/conditions")?.array ?? []
    func condition(_ type: String) -> JSONValue? {
      conditions.first { $0["type"]?.string == type && $0["status"]?.string == "True" }
    }
    if condition("Complete") != nil {
      return .check(passed: true, value: "succeeded", message: "Job \(name) succeeded")
    }
    if let failed = condition("Failed") ?? condition("FailureTarget") {
      let reason = failed["reason"]?.string.map { " (\($0.prefix(63)))" } ?? ""
      return .check(passed: false, value: "failed", message: "Job \(name) failed\(reason)")
    }
    let began = object.at("/metadata/creationTimestamp")?.string.flatMap(Timestamp.date)
    if let began, now.timeIntervalSince(began) > job.timeout.timeInterval {
      return .check(passed: false, value: "timed out", message: "Job \(name) has not ended within \(job.timeout)")
    }
    return .noData("the smoke test is running")
  }
}

extension JSONValue {
  /// A value of a policy, as JSON.
  init(_ document: Document) {
    switch document {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let value): self.init(value)
    case .number(let value): self.init(value)
    case .text(let value): self = .string(value)
    case .list(let elements): self = .array(elements.map { JSONValue($0) })
    case .object(let members):
      self = .object(
        JSONObject(members.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: JSONValue($0.value)) }))
    }
  }
}
