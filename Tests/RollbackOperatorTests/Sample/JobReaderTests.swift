import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore
import Synchronization
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Smoke tests", .timeLimit(.minutes(2)))
struct JobReaderTests {
  /// An API server that keeps one Job.
  private final class Server: Sendable {
    let job = Mutex<JSONValue?>(nil)
    let refusal = Mutex<ScriptedTransport.Answer?>(nil)

    func answer(_ request: TransportRequest) -> ScriptedTransport.Answer? {
      if request.method == "POST" {
        if let refusal = refusal.withLock({ $0 }) { return refusal }
        guard var made = try? JSONValue(parsing: request.body) else { return nil }
        return job.withLock { job in
          if job != nil { return .status(409, "AlreadyExists") }
          made["metadata"]?["creationTimestamp"] = "2026-01-01T00:00:00Z"
          job = made
          return SampleScene.answer(made, status: 201)
        }
      }
      return job.withLock { $0.map { SampleScene.answer($0) } } ?? .status(404, "NotFound")
    }

    func end(_ type: String, reason: String? = nil) {
      var condition: JSONValue = ["type": .string(type), "status": "True"]
      condition["reason"] = reason.map { .string($0) }
      job.withLock { $0?["status"] = ["conditions": [condition]] }
    }
  }

  private let server = Server()

  private func scene(mayWrite: Bool = true) -> (SampleScene, JobReader) {
    let scene = SampleScene(mayWrite: mayWrite) { [server] request, _ in server.answer(request) }
    return (scene, JobReader(client: scene.client, clock: scene.clock))
  }

  private static func measurement(_ change: (inout JobMeasurement) -> Void = { _ in }) -> JobMeasurement {
    var job = JobMeasurement(
      pods: SampleScene.pods, revision: 2, policy: .init(name: "web", uid: "p"), trigger: "smoke",
      job: JobTrigger(
        template: .object([
          "metadata": .object(["labels": .object(["team": .text("a")])]),
          "spec": .object([
            "template": .object([
              "spec": .object([
                "restartPolicy": .text("Never"),
                "containers": .list([
                  .object([
                    "name": .text("smoke"),
                    "env": .list([.object(["name": .text("ROLLBACK_HASH"), "value": .text("own")])]),
                  ])
                ]),
              ])
            ])
          ]),
        ]), timeout: .minutes(5)), owner: .init(name: "web-r2", uid: "rs"), wait: nil)
    change(&job)
    return job
  }

  @Test("The Job is made once, belongs to the revision and has one try unless its template says otherwise")
  func made() async throws {
    let (scene, reader) = scene()
    let job = Self.measurement()
    #expect(await reader.read(job).silence == "the smoke test is running")
    #expect(await reader.read(job).silence == "the smoke test is running")
    #expect(scene.transport.requests.map(\.method) == ["GET", "POST", "GET"])
    #expect(scene.transport.paths[1].contains("fieldValidation=Strict"))
    let made = try #require(server.job.withLock { $0 })
    #expect(made.at("/metadata/name")?.string == job.name)
    #expect(made.at("/metadata/labels/team")?.string == "a")
    #expect(made.at("/metadata/labels")?["app.kubernetes.io/managed-by"]?.string == "rollback-operator")
    #expect(made.at("/metadata/annotations")?["rollback-operator.io/policy"]?.string == "web")
    #expect(made.at("/metadata/ownerReferences/0/kind")?.string == "ReplicaSet")
    #expect(made.at("/metadata/ownerReferences/0/blockOwnerDeletion") == false)
    #expect(made.at("/spec/backoffLimit")?.int == 0)
    #expect(made.at("/spec/activeDeadlineSeconds")?.int == 300)
    #expect(made.at("/spec/ttlSecondsAfterFinished") == nil)
    let environment = made.at("/spec/template/spec/containers/0/env")?.array ?? []
    #expect(
      environment.compactMap { $0["value"]?.string } == ["own", "web", "2"])
  }

  @Test("How it ended stays true when the Job is cleared away, and is told anew with every reading")
  func ended() async throws {
    let (scene, reader) = scene()
    _ = await reader.read(Self.measurement())
    server.end("Failed", reason: "BackoffLimitExceeded")
    let name = Self.measurement().name
    let failed = Sample.Outcome.check(
      passed: false, value: "failed", message: "Job \(name) failed (BackoffLimitExceeded)")
    #expect(await reader.read(Self.measurement()).outcome == failed)
    server.job.withLock { $0 = nil }
    try await scene.clock.sleep(for: .seconds(15))
    let result = await reader.read(Self.measurement())
    #expect(result.outcome == failed)
    #expect(result.samples.first?.at == testStart.addingTimeInterval(15))
    #expect(server.job.withLock { $0 } == nil)
  }

  @Test("A Job that passed has passed; one that does not end in time has failed")
  func passed() async throws {
    let (scene, reader) = scene()
    _ = await reader.read(Self.measurement())
    try await scene.clock.sleep(for: .seconds(301))
    guard case .check(passed: false, "timed out", _) = await reader.read(Self.measurement()).outcome else {
      Issue.record("it was not timed out")
      return
    }
    // Another operator process reads what has become of it.
    let (_, other) = self.scene()
    server.end("Complete")
    guard case .check(passed: true, _, _) = await other.read(Self.measurement()).outcome else {
      Issue.record("it has not passed")
      return
    }
  }

  @Test(
    "No Job is made before its time, and one that is there is read all the same",
    arguments: [JobMeasurement.Wait.rollout, .observing, .notDue])
  func waits(wait: JobMeasurement.Wait) async throws {
    let (scene, reader) = scene()
    #expect(await reader.read(Self.measurement { $0.wait = wait }).outcome == wait.outcome)
    #expect(scene.transport.requests.map(\.method) == ["GET"])
    server.job.withLock { $0 = Self.measurement().object }
    server.end("Complete")
    guard case .check(passed: true, "succeeded", _) = await reader.read(Self.measurement { $0.wait = wait }).outcome
    else {
      Issue.record("it was not read")
      return
    }
  }

  @Test("What keeps the Job from being made is said; who does not lead makes none")
  func refused() async throws {
    let (scene, reader) = scene()
    server.refusal.withLock { $0 = .status(422, "Invalid", "spec.template.spec.restartPolicy: Required value") }
    #expect(await reader.read(Self.measurement()).failure?.contains("mend job.template: ") == true)
    server.refusal.withLock { $0 = .status(403, "Forbidden", "exceeded quota") }
    #expect(await reader.read(Self.measurement()).failure?.contains("exceeded quota") == true)
    #expect(scene.transport.requests.count == 4)
    server.refusal.withLock { $0 = nil }
    let (idle, standby) = self.scene(mayWrite: false)
    #expect(await standby.read(Self.measurement()).failure != nil)
    #expect(idle.transport.requests.map(\.method) == ["GET"])
  }

  @Test("A Job of the same name that another one made is neither believed nor replaced")
  func foreign() async throws {
    let (_, reader) = scene()
    var foreign = Self.measurement().object
    foreign["metadata"]?["annotations"] = nil
    server.job.withLock { $0 = foreign }
    server.end("Complete")
    #expect(await reader.read(Self.measurement()).failure?.contains("not this trigger's") == true)
  }

  @Test("Each rollout has a Job of its own, whose name fits")
  func names() {
    let names = [
      Self.measurement(), Self.measurement { $0.revision = 3 }, Self.measurement { $0.trigger = "smoke2" },
      Self.measurement { $0.policy.uid = "q" }, Self.measurement { $0.pods.hash = "r3" },
      Self.measurement { $0.pods.workload.name = "a.b" + String(repeating: "x", count: 250) },
    ].map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.count <= 63 && !$0.contains(".") })
    #expect(names[0] == Self.measurement { $0.wait = .notDue }.name)
  }
}
