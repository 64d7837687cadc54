import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

/// The rounds of one namespace, one after the other.
struct TortureLane {
  let scene: Scene
  let run: TortureRun
  let lane: Int
  private var dice: TortureDice
  private let names: [String]
  /// What every Deployment is to be again after each round.
  private var undisturbed: [String: JSONValue] = [:]
  private var kills = 0

  init(scene: Scene, run: TortureRun, lane: Int) {
    self.scene = scene
    self.run = run
    self.lane = lane
    dice = TortureDice(seed: run.seed, lane: lane)
    names = (0..<run.workloads).map { "web-\($0)" }
  }

  /// Plays all rounds.
  ///
  /// - Returns: how often the operator was killed.
  mutating func play() async throws -> Int {
    try await prepare()
    let rounds = run.rounds(ofLane: lane)
    for round in 1...rounds {
      let clock = ContinuousClock()
      let start = clock.now
      let before = kills
      try await play(round: round)
      let line = "torture: lane \(lane), round \(round) of \(rounds): \(clock.now - start), \(kills - before) kills"
      if round % 10 == 0 || run.workloads > 20 { print(line) }
    }
    try await checkWrites(rounds: rounds)
    return kills
  }

  private mutating func prepare() async throws {
    for name in names {
      try await scene.deploy(
        Workload(name: name, replicas: 1, labels: ["tier": "torture"], revisionHistoryLimit: 2), waits: false)
    }
    for name in names { try await scene.rolledOut(name) }
    let instance = try await scene.startOperator()
    try await scene.policy(
      """
      target: {selector: {matchLabels: {tier: torture}}}
      limits: {maxRollbacks: 1000, per: 1s}
      """)
    await instance.kill()
    for deployment in try await deployments() { undisturbed[Self.name(deployment)] = deployment }
  }

  /// All roll out a bad release at once; operators live and die until every event is closed.
  private mutating func play(round: Int) async throws {
    let bad = ["CrashLoop", "ImagePull", "OOMKilled"]
    for name in names {
      try await scene.rollOut(.bad(round + 1, bad[Int.random(in: 0..<bad.count, using: &dice)]), of: name)
    }
    var (isClosed, isFirst) = (false, true)
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(60 + 4 * run.workloads)
    while !isClosed {
      // Short lives from within the start to long ones in which much is done; the last one ends when all is. The first
      // is too short for that, so that no round goes undisturbed.
      let longest = isFirst ? 2_000 : 6_000
      isFirst = false
      let life = Duration.milliseconds(Int.random(in: 100...longest, using: &dice))
      // Here many releases are bad at once on purpose.
      let instance = try await scene.startOperator(
        arguments: ["--shared-cause-min-targets", "1000"], waitsUntilReady: false)
      let end = clock.now + life
      while !isClosed && clock.now < end {
        try await Task.sleep(for: min(.milliseconds(250), end - clock.now))
        isClosed = try await allClosed()
      }
      await instance.kill()
      kills += isClosed ? 0 : 1
      try #require(clock.now < deadline, "round \(round) does not end")
    }
    try await check(round: round)
    // So that what there is to list stays the same; what was rolled back stays Bad by its ReplicaSet.
    for event in try await scene.events() {
      try await scene.client.delete(.rollbackEvents, namespace: scene.namespace, name: event.metadata.name)
    }
  }

  private func allClosed() async throws -> Bool {
    let events = try await scene.events()
    return events.count >= names.count && events.allSatisfy(\.status.isFinal)
  }

  /// Every Deployment is what it was, and has changed twice more: the release, and one undo.
  private func check(round: Int) async throws {
    let events = Dictionary(grouping: try await scene.events(), by: \.spec.target.name)
    let deployments = try await deployments()
    #expect(deployments.map(Self.name).sorted() == names.sorted())
    for deployment in deployments {
      let name = Self.name(deployment)
      let first = try #require(undisturbed[name])
      let generation = first.at("/metadata/generation")?.int ?? 0
      #expect(deployment.at("/metadata/generation")?.int == generation + 2 * round, "exactly one undo of \(name)")
      #expect(DeploymentDifference.template(deployment) == DeploymentDifference.template(first))
      #expect(DeploymentDifference.rest(deployment) == DeploymentDifference.rest(first))
      let own = events[name] ?? []
      #expect(own.map(\.status.outcome) == [.recovered], "one story of \(name): \(own)")
      #expect(own.first?.status.steps?.map(\.state) == [.done])
      #expect(try await scene.verdict(round + 1, of: name) == "Bad")
    }
  }

  /// By the API server's audit log: nothing was written but what a rollback writes.
  private func checkWrites(rounds: Int) async throws {
    // The log of thousands of rollbacks is larger than this process should be; the generations have counted them too.
    guard rounds * names.count <= 1_000 else { return }
    let known: Set = [
      "create rollbackevents/", "patch rollbackevents/status", "patch rollbackpolicies/status", "patch deployments/",
      "patch replicasets/", "create events/", "patch events/",
    ]
    let writes = try scene.writes()
    // A request that is under way when its sender is killed may be done and still be in the log as failed.
    #expect(writes.count(where: \.isTemplatePatch) <= rounds * names.count)
    let others = writes.filter { write in
      !known.contains("\(write.verb) \(write.resource)/\(write.subresource)")
        || (write.resource == "deployments" && !write.isTemplatePatch)
    }
    #expect(others.map { "\($0.verb) \($0.requestURI)" } == [])
  }

  private func deployments() async throws -> [JSONValue] {
    try await scene.client.listValues(.deployments, namespace: scene.namespace)
  }

  private static func name(_ object: JSONValue) -> String { object.at("/metadata/name")?.string ?? "" }
}
