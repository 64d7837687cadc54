import FoundationEssentials
import KubernetesClient
import LocalCluster
import SimulatedCluster
import Simulation
import Testing

/// The simulated API server against the real one: the same sequences of operations, the same answers and objects.
@Suite struct DifferentialTests {
  private static let operationsPerSequence = 40
  private static let lanes = 6

  /// `DIFFERENTIAL_SEQUENCES` and `DIFFERENTIAL_SEED` choose others.
  private static func setting(_ name: String, _ standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? standard
  }

  private static let checkout = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  @Test(.timeLimit(.minutes(20)))
  func `Generated sequences of operations have the same effect on the simulated and the real API server`() async throws
  {
    let count = Self.setting("DIFFERENTIAL_SEQUENCES", 500)
    let first = Self.setting("DIFFERENTIAL_SEED", 1)
    let definitions = try Manifest.objects(at: "\(Self.checkout)/manifests/crds")
    let report = DifferentialReport()
    try await withLocalCluster(nodes: 0, crds: ["\(Self.checkout)/manifests/crds"]) { cluster in
      // What the controllers do afterwards is not the API server's.
      await cluster.controllerManager.stop(grace: .zero)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in 0..<Self.lanes {
          group.addTask {
            for index in stride(from: lane, to: count, by: Self.lanes) {
              let run = DifferentialRun(
                seed: UInt64(first + index), real: cluster.client, definitions: definitions, report: report)
              try await run.compare(count: Self.operationsPerSequence)
            }
          }
        }
        try await group.waitForAll()
      }
    }
    print(report.text)
    for difference in report.differences.prefix(40) { print(difference) }
    #expect(report.differences.isEmpty)
    #expect(report.operations >= count * Self.operationsPerSequence / 2)
  }
}

/// One sequence.
struct DifferentialRun {
  var seed: UInt64
  var real: KubernetesClient
  var definitions: [JSONValue]
  var report: DifferentialReport

  func compare(count: Int) async throws {
    let namespace = "differential-\(seed)"
    let fixture = Fixture(seed: seed)
    for definition in definitions { fixture.server.install(crd: definition) }
    fixture.server.setCollectsGarbage(false)
    var one = DifferentialSide(client: real, namespace: namespace)
    var other = DifferentialSide(client: fixture.client, namespace: namespace)
    let account: JSONValue = ["metadata": ["name": "default"]]
    var starts: [String] = []
    for client in [real, fixture.client] {
      let created = try await client.create(.namespaces, ["metadata": ["name": .string(namespace)]])
      starts.append(DifferentialSide.version(created))
      try await client.create(.serviceAccounts, namespace: namespace, account)
    }
    var generator = DifferentialGenerator(seed: seed, namespace: namespace)
    for (index, operation) in generator.sequence(count: count).enumerated() {
      let answer = await one.perform(operation)
      let simulated = await other.perform(operation)
      if answer != simulated {
        let known = DifferentialTolerance.all.first { $0.applies(operation, answer, simulated) }
        guard let known else {
          report.differs(
            "seed \(seed), operation \(index): \(operation.description)\n  \(answer.difference(from: simulated))")
          return
        }
        report.tolerate(known.name)
      }
      report.counted(operation, isRefusal: answer.code >= 300)
    }
    let objects = try await one.everything(DifferentialGenerator.resources)
    let simulatedObjects = try await other.everything(DifferentialGenerator.resources)
    for (real, simulated) in zip(objects, simulatedObjects) where !real.1.isSemanticallyEqual(to: simulated.1) {
      report.differs(
        "seed \(seed), at the end: \(real.0.plural)\n  "
          + DifferentialAnswer.paths(real.1, simulated.1, "").joined(separator: "; "))
    }
    report.finished(objects: objects.reduce(0) { $0 + ($1.1.array?.count ?? 0) })
    if seed % 10 == 0 { try await compareWatches(namespace, starts, fixture.server) }
  }

  /// What a watch from the beginning tells afterwards.
  private func compareWatches(_ namespace: String, _ starts: [String], _ server: SimulatedAPIServer) async throws {
    let watch = DifferentialWatch(namespace: namespace)
    let start = starts.first ?? ""
    let simulatedStart = starts.last ?? ""
    let client = real
    try await withThrowingTaskGroup(of: Void.self) { group in
      for resource in DifferentialGenerator.resources {
        group.addTask {
          let simulated = try watch.simulated(resource, since: simulatedStart, server) ?? []
          guard var real = try await watch.real(resource, since: start, client, for: 1) else { return }
          if real.count < simulated.count {
            guard let more = try await watch.real(resource, since: start, client, for: 20) else { return }
            real = more
          }
          report.watched(events: real.count)
          if let difference = DifferentialWatch.difference(real, simulated) {
            report.differs("seed \(seed), watch of \(resource.plural): \(difference)")
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
