public import KubernetesClient
import SimulatedCluster

/// Many days of a busy cluster, one after the other: what the operator holds must not grow.
///
/// What the cluster keeps is kept in bounds here: older states are compacted once a day (the real API server does so
/// every five minutes), Kubernetes Events are deleted after a day (there after an hour), and RollbackEvents that have
/// ended, of which the operator deletes none, are deleted once a day as well.
public struct Month {
  /// What a day brought, and what there is at its end, an hour after the last deploy.
  public struct Day: Sendable {
    public var number: Int
    public var deploys = 0
    /// Deploys that could not become ready.
    public var bad = 0
    /// RollbackEvents that ended, by outcome.
    public var outcomes: [String: Int] = [:]
    public var memory = MemoryUse(heap: 0, resident: 0)
    /// What sleeps until a time: tasks, and what the models are to do.
    public var timers = 0
    /// Watches that the API server serves.
    public var watches = 0
    /// See ``OperatorGauges/readings``.
    public var gauges: [String: Double] = [:]
    /// Objects in the cluster.
    public var objects = 0
    public var violations: [Violation] = []
  }

  public var days = 30
  public var deploysPerDay = 1_000
  public var workloads = 20
  /// The share of deploys that cannot become ready, from 0 to 1.
  public var badShare = 0.05

  private let seed: UInt64
  private let definitions: [JSONValue]
  private let gauges: OperatorGauges?

  /// - Parameter gauges: where the operator's own gauges are read.
  public init(seed: UInt64, definitions: [JSONValue], gauges: OperatorGauges? = nil) {
    self.seed = seed
    self.definitions = definitions
    self.gauges = gauges
  }

  /// Lets the days pass.
  ///
  /// - Parameter see: called after each day.
  public func run(_ see: (Day) -> Void = { _ in }) -> [Day] {
    let engine = SimulationEngine(seed: seed, trace: Trace(keeping: 0))
    let world = World(engine: engine, definitions: definitions)
    for number in 0..<workloads {
      let name = Self.name(number)
      world.rollOut(SimulatedWorkload(name, version: 0))
      world.policy(["target": ["name": .string(name)]], name: name)
    }
    let process = SimulatedProcess("operator-0", engine: engine, server: world.server)
    world.start(process)
    // The first revisions are proven good before the first deploy.
    engine.run(for: .seconds(3_600))
    var version = 0
    let days = (1...max(days, 1)).map { number in
      let day = pass(number, world, version: &version)
      see(day)
      return day
    }
    process.kill(forGood: true)
    engine.run(for: .seconds(1))
    return days
  }

  private func pass(_ number: Int, _ world: World, version: inout Int) -> Day {
    let engine = world.engine
    var day = Day(number: number)
    // The last hour is quiet, so that all days end alike.
    let interval: Duration = .seconds(82_800) / max(deploysPerDay, 1)
    for deploy in 0..<deploysPerDay {
      version += 1
      let isBad = engine.chance(.scenario, badShare)
      let kinds = ["CrashLoop", "ImagePull", "OOMKilled"]
      let kind = isBad ? kinds[Int(engine.bits(.scenario) % 3)] : "Ready"
      let workload = SimulatedWorkload(Self.name(deploy % workloads), version: version, behaviour: kind)
      engine.schedule(after: interval * deploy) { [weak world] in world?.rollOut(workload) }
      day.deploys += 1
      if isBad { day.bad += 1 }
    }
    engine.run(for: .seconds(86_400))
    for event in world.server.objects(Undo.events) {
      day.outcomes[event.at("/status/outcome")?.string ?? "running", default: 0] += 1
    }
    forget(world)
    day.memory = .now
    day.timers = engine.timerCount
    day.watches = world.server.watchCount
    day.gauges = gauges?.readings ?? [:]
    day.objects = world.server.objectCount
    day.violations = world.violations
    return day
  }

  private func forget(_ world: World) {
    let server = world.server
    for resource in [Undo.events, .events] {
      for object in server.objects(resource) {
        if resource == Undo.events, object.at("/status/outcome") == nil { continue }
        let name = object.at("/metadata/name")?.string ?? ""
        try? server.delete(resource, object.at("/metadata/namespace")?.string, name, user: "system:apiserver")
      }
    }
    // The operator hears of the deletions before the states are forgotten.
    world.engine.run(for: .seconds(60))
    server.compact(before: server.resourceVersion)
    server.forgetChanges()
    world.forgetHistory()
  }

  private static func name(_ number: Int) -> String { "web-\(number)" }
}

extension Month {
  /// How much more of something there may be on the last day than on the second: the table of texts that cached objects
  /// share has room for 16,384 and is full after some days, at about a tenth of the heap. Then nothing grows.
  public static let tolerance = 1.15

  /// What has grown from the second day to the last: `what: then, now`.
  public static func growth(of days: [Day]) -> [String] {
    guard days.count > 2, let last = days.last else { return [] }
    let second = days[1]
    var figures = [
      ("heap", Double(second.memory.heap), Double(last.memory.heap)),
      ("resident memory", Double(second.memory.resident), Double(last.memory.resident)),
      ("timers", Double(second.timers), Double(last.timers)),
      ("watches", Double(second.watches), Double(last.watches)),
      ("objects of the cluster", Double(second.objects), Double(last.objects)),
    ]
    for (name, value) in last.gauges.sorted(by: { $0.key < $1.key }) {
      figures.append((name, second.gauges[name] ?? 0, value))
    }
    return figures.filter { $0.2 > $0.1 * tolerance }.map { "\($0.0): \($0.1), now \($0.2)" }
  }
}
