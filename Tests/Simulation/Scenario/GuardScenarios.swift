import KubernetesClient
import SimulatedCluster
import Synchronization

/// What keeps a proven breach from being acted on: a freeze, a person's hold, a cause that many share.
extension Scenario {
  /// The cluster is frozen for a while: nothing is written that was not planned before, and then it is.
  static let frozen = Scenario("a freeze for a while", lasting: .seconds(500)) { world in
    world.protect([MeasuredTrigger.errorRate(MeasuredTrigger.revision)], window: "30m")
    world.deployMeasured()
    world.freeze(from: world.moment(40...130), to: world.moment(200...400))
  } check: {
    $0.expect(oneOf: [(1, ["Recovered"]), (2, ["Superseded"])]) + $0.expectNothingPlannedWhileFrozen()
  }

  /// The freeze begins within milliseconds of a write of the journal: between plan and undo.
  static let frozenInBetween = Scenario("a freeze between two steps", lasting: .seconds(400)) { world in
    world.deployBadRelease()
    let engine = world.engine
    let delay = engine.random(.scenario, in: Duration.zero ... .milliseconds(40))
    let end = world.moment(150...300)
    world.onWrite(Int(engine.bits(.scenario) % 3)) { world, _ in
      engine.schedule(after: delay) { world.freeze(true) }
      // Who writes only after the freeze would have ended is frozen for as long.
      if engine.now > end { engine.schedule(after: .seconds(150)) { world.freeze(false) } }
    }
    world.at(end) { $0.freeze(false) }
  } check: {
    $0.expect(oneOf: [(1, ["Recovered"]), (2, ["Superseded"])]) + $0.expectNothingPlannedWhileFrozen()
      + $0.expect(undosAtMost: 1)
  }

  /// Only what is critical is acted on while the freeze lasts.
  static let frozenButCritical = Scenario("a freeze that allows what is critical", lasting: .seconds(300)) { world in
    let trigger = MeasuredTrigger.errorRate(MeasuredTrigger.revision, severity: "Critical")
    world.protect([trigger], window: "30m")
    world.deployMeasured()
    world.at(.seconds(20)) { $0.freeze(true, allowing: "Critical") }
  } check: {
    $0.expect(version: 1, outcomes: ["Recovered"])
  }

  /// A person holds the Deployment and lets it go later.
  static let onHold = Scenario("held by a person for a while", lasting: .seconds(500)) { world in
    world.protect([MeasuredTrigger.errorRate(MeasuredTrigger.revision)], window: "30m")
    world.deployMeasured()
    world.at(.seconds(30)) { $0.hold("the database is moved") }
    world.at(world.moment(150...350)) { $0.hold(nil) }
  } check: { world in
    let released = world.server.changes.last {
      $0.resource == .deployments && $0.user == world.person.user
        && $0.old?.at("/metadata/annotations/rollback-operator.io~1hold") != nil
    }
    let isEarly = released.map { world.isPlanned(before: $0) } ?? true
    return (isEarly ? ["something was planned while a person held the workload"] : [])
      + world.expect(version: 1, outcomes: ["Recovered"])
  }

  /// Four of ten workloads breach together: a broken monitor or a broken cluster, not four bad releases. Nothing is
  /// undone, and that is said once.
  static let sharedCause = Scenario("many workloads breach at once", lasting: .seconds(500)) { world in
    let names = (0..<10).map { "web-\($0)" }
    for name in names { world.rollOut(SimulatedWorkload(name, version: 1, replicas: 1)) }
    let fleet = #"workload:http_errors:ratio_rate1m{namespace="{{namespace}}"}"#
    world.policy([
      "target": ["selector": ["matchLabels": ["tier": "all"]]], "trial": ["window": "30m"],
      "triggers": [MeasuredTrigger.errorRate(fleet, ["fleet": ["label": "deployment"]])],
    ])
    world.at(.seconds(60)) { world in
      for name in names { world.rollOut(SimulatedWorkload(name, version: 2, replicas: 1)) }
    }
    world.at(.seconds(150)) { world in
      for name in names.prefix(4) { world.annotatePods(of: name, "error-rate", "0.4") }
    }
  } check: { world in
    let names = (0..<10).map { "web-\($0)" }
    let told = world.server.changes.filter { $0.resource == .events && $0.new["reason"]?.string == "SharedCause" }
    let lives = world.processes.reduce(0) { $0 + $1.exits.count + 1 }
    return names.prefix(4).flatMap { world.expect($0, version: 2, outcomes: ["Held"]) }
      + names.dropFirst(4).flatMap { world.expect($0, version: 2, outcomes: []) }
      + (told.count <= lives ? [] : ["the shared cause was told \(told.count) times in \(lives) lives"])
  }

  /// One of ten workloads breaches: it is its own release.
  static let oneOfMany = Scenario("one of many workloads breaches", lasting: .seconds(500)) { world in
    let names = (0..<10).map { "web-\($0)" }
    for name in names { world.rollOut(SimulatedWorkload(name, version: 1, replicas: 1)) }
    let fleet = #"workload:http_errors:ratio_rate1m{namespace="{{namespace}}"}"#
    world.policy([
      "target": ["selector": ["matchLabels": ["tier": "all"]]], "trial": ["window": "30m"],
      "triggers": [MeasuredTrigger.errorRate(fleet, ["fleet": ["label": "deployment"]])],
    ])
    var bad = SimulatedWorkload("web-7", version: 2, replicas: 1)
    bad.signals = ["error-rate": "0.4"]
    world.at(.seconds(60)) { [bad] in $0.rollOut(bad) }
  } check: { world in
    world.expect("web-7", version: 1, outcomes: ["Recovered"])
      + (0..<10).filter { $0 != 7 }.flatMap { world.expect("web-\($0)", version: 1, outcomes: []) }
  }

  static let holds: [Scenario] = [frozen, frozenInBetween, frozenButCritical, onHold, sharedCause, oneOfMany]
}

extension World {
  /// `kubectl rollback freeze on`, or `off`.
  func freeze(_ isOn: Bool, allowing severity: String? = nil) {
    let (namespace, name) = ("rollback-operator-system", "rollback-operator-freeze")
    guard isOn else {
      guard server.object(.configMaps, namespace, name) != nil else { return }
      byHand { person throws(Refusal) in try person.delete(.configMaps, namespace, name) }
      return
    }
    var data: [String: String] = ["reason": "the season's sale"]
    data["allow"] = severity
    let map: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": .string(name), "namespace": .string(namespace)], "data": JSONValue(data),
    ]
    byHand { person throws(Refusal) in try person.apply(map, to: .configMaps) }
  }

  fileprivate func freeze(from start: Duration, to end: Duration) {
    at(start) { $0.freeze(true) }
    at(end) { $0.freeze(false) }
  }

  /// `kubectl rollback hold`, or `release`.
  fileprivate func hold(_ reason: String?) {
    byHand { person throws(Refusal) in
      try person.annotate(Self.namespace, "web", "rollback-operator.io/hold", reason)
    }
  }

  /// What is wrong when an undo was planned and written while nothing was to be.
  ///
  /// A plan that was written just before may be on its way; one that was written while the freeze was on may have been
  /// decided on just before, and is withdrawn before its undo is sent.
  fileprivate func expectNothingPlannedWhileFrozen() -> [String] {
    let maps = server.changes.filter { $0.resource == .configMaps && $0.name == "rollback-operator-freeze" }
    guard let begin = maps.first(where: { $0.verb == .added }), let undo = undos(of: "web").first else { return [] }
    let end = maps.first { $0.verb == .deleted }?.resourceVersion ?? .max
    guard (begin.resourceVersion...end).contains(undo.resourceVersion), !isPlanned(before: begin) else { return [] }
    return ["an undo was planned and written while the cluster was frozen"]
  }
}

/// True once.
final class FirstOnly: Sendable {
  private let isUsed = Mutex(false)

  func isFirst() -> Bool {
    isUsed.withLock { isUsed in
      defer { isUsed = true }
      return !isUsed
    }
  }
}
