import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

/// What becomes of the API server for a minute.
enum Outage: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case hangs = "hangs"
  case isGone = "is gone, and comes back without its history"

  var testDescription: String { rawValue }
}

/// A control plane of their own, since these tests take its servers away.
@Suite("The API server itself", .ownWorld, .serialized, .showsLogs, .timeLimitOfQueue)
struct FaultServerTests {
  static let minute = Duration.seconds(60)
  /// They spend their time waiting, and would wait twice behind all the others.
  static let slots = Slots(count: 1)

  @Test("In the middle of a rollback, for a minute, the API server", arguments: Outage.allCases)
  func outage(outage: Outage) async throws {
    let world = try OwnWorld.ofSuite
    try await Scene.playBehindProxy(in: world, slots: Self.slots) { scene, proxy in
      let instance = try await scene.startOperator(through: proxy)
      for name in ["middle", "late", "fixed", "calm"] {
        try await scene.deploy(Workload(name: name, replicas: 1, labels: ["tier": "all"]), waits: false)
      }
      for name in ["middle", "late", "fixed", "calm"] { try await scene.rolledOut(name) }
      try await scene.policy("target: {selector: {matchLabels: {tier: all}}}")

      // Two undos are on their way when the server goes; the breach of the third is not known yet.
      let arrived = FaultCounter()
      let gate = FaultGate()
      proxy.setRule { request in
        guard request.isTemplatePatch else { return .forward }
        arrived.next()
        await gate.wait()
        return request.name == "fixed" ? .drop : .forward
      }
      for name in ["middle", "fixed"] { try await scene.rollOut(.bad(2), of: name) }
      try await eventually("two undos are on their way") { Progress(arrived.value == 2, "\(arrived.value)") }
      try await scene.rollOut(.bad(2), of: "late")
      try await take(outage, world)
      await gate.open()
      try await Task.sleep(for: Self.minute)
      proxy.setRule { _ in .drop }
      try await giveBack(outage, world)
      // A person is faster than the operator.
      try await scene.rollOutAndWait(.good(3), of: "fixed")
      if outage == .isGone { try await loseHistory(world) }
      proxy.setRule { _ in .forward }

      try await scene.event(.superseded, of: "fixed")
      for name in ["middle", "late"] { try await scene.event(.recovered, of: name) }
      #expect(instance.exit == nil)
      // Counted by the generation: a write whose client had gone may be logged with an error although it was done.
      for (name, version, changes) in [("middle", 1, 2), ("late", 1, 2), ("fixed", 3, 2), ("calm", 1, 0)] {
        #expect(try await scene.version(of: name) == version, "\(name)")
        #expect(try await scene.generation(of: name) == 1 + changes, "\(name)")
        #expect(try await scene.events(of: name).count == (name == "calm" ? 0 : 1), "\(name)")
      }
    }
  }

  @Test("Certificate authority and all certificates are replaced while a rollback runs: no restart, no missed event")
  func newAuthority() async throws {
    let world = try OwnWorld.ofSuite
    try await Scene.play(in: world, slots: Self.slots) { scene in
      let instance = try scene.lastOperator
      try await scene.protect(Workload(replicas: 1, release: Release(version: 1, readyAfter: "6s")))
      try await scene.rollOut(.bad(2))
      try await scene.runs(1)
      try await world.cluster.rotateCertificateAuthority(keepingOldTrust: false)
      // The registration of a server behind the API server holds its authority too.
      try await world.cluster.installCRDs(from: ["\(Tool.checkout)/manifests/crds"])
      try await scene.isAsUndisturbed()
      // What happens after it is seen too.
      try await scene.rollOut(.bad(3))
      try await eventually("the next bad release is undone") {
        let events = try await scene.events()
        return Progress(events.count == 2 && events.allSatisfy { $0.status.outcome == .recovered }, "\(events.count)")
      }
      #expect(instance.exit == nil)
      try await scene.undone(times: 2)
    }
  }

  private func take(_ outage: Outage, _ world: World) async throws {
    switch outage {
    case .hangs: world.cluster.apiServer.suspend()
    case .isGone: await world.cluster.apiServer.kill()
    }
  }

  private func giveBack(_ outage: Outage, _ world: World) async throws {
    switch outage {
    case .hangs: world.cluster.apiServer.resume()
    case .isGone: try await world.cluster.apiServer.start()
    }
    try await eventually("the API server answers again") {
      do {
        _ = try await world.client.discovery.serverVersion()
        return .met
      } catch {
        return .unmet("\(error)")
      }
    }
  }

  /// Every watch of before comes back to `410 Gone`.
  private func loseHistory(_ world: World) async throws {
    try await world.cluster.compactHistory()
    try await world.cluster.apiServer.restart()
    try await world.cluster.customResourceServer?.restart()
    try await eventually("custom resources are served again") {
      do {
        _ = try await world.client.list(EventObject.self, namespace: "default")
        return .met
      } catch {
        return .unmet("\(error)")
      }
    }
  }
}

/// One control plane for all tests of a suite, apart from the shared one.
struct OwnWorld: SuiteTrait, TestScoping {
  @TaskLocal static var current: World?

  let isRecursive = false

  static var ofSuite: World {
    get throws { try #require(current) }
  }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    try await World.withOwn { world in
      try await Self.$current.withValue(world) { try await function() }
    }
  }
}

extension Trait where Self == OwnWorld {
  static var ownWorld: Self { Self() }
}
