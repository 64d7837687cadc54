import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// Rows of runbooks that ask the workload itself, each by the example that a reader would take.
@Suite("Examples for what workloads do and say", .showsLogs, .timeLimitOfQueue)
struct RunbookWorkloadTests {
  @Test("A processor that is hot is told and never acted on; memory above 90 % is undone")
  func usage() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.applyWhenProven(
        Example("memory-and-cpu"), "interval: 15s → 1s", "for: 5m → 3s", window: "8s")
      try await scene.rollOutAndWait(.signalling(2, ["cpu": "1400m", "memory": "900Mi"]))
      let told = try await scene.event(.observed)
      #expect(told.spec.trigger?.name == "cpu-hot" && told.spec.trigger?.value == "93.3%")
      try await eventually("both bands are breached") {
        let triggers = try await scene.policy(named: "web").status.targets?.first?.triggers ?? []
        let breached = triggers.filter { $0.state == .breached }.map(\.name)
        return Progress(breached == ["cpu-hot", "cpu-warm"], "\(triggers)")
      }
      #expect(try await scene.version() == 2)
      #expect(try scene.templatePatches() == 0)
      try await scene.rollOutAndWait(.signalling(3, ["cpu": "1400m", "memory": "960Mi"]))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "memory" && event.spec.trigger?.value == "93.8%")
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 1)
    }
  }

  /// What the endpoint answers, and what is said of it.
  static let answers = [
    (["health": #"{"database":"connected","redis":"gone"}"#], #"$.redis is not "connected""#),
    (["health": #"{"database":"connected","redis":"connected"}"#, "health-status": "503"], "HTTP 503"),
  ]

  @Test("A health endpoint whose JSON says that something is not connected, or that answers 503", arguments: answers)
  func health(signals: [String: String], value: String) async throws {
    try await Scene.play { scene in
      try await ServiceFront.open(scene) { front in
        try await front.makeService(in: scene)
        let good = #"{"database":"connected","redis":"connected"}"#
        try await scene.deploy(Workload(release: .healthy(1, good)))
        try await scene.apply(Example("health-endpoint"), "interval: 10s → 1s")
        try await scene.triggersReturnData()
        try await scene.rollOutAndWait(.signalling(2, signals))
        let event = try await scene.event(.recovered)
        #expect(event.spec.trigger?.name == "health" && event.spec.trigger?.value == value)
        #expect(event.status.verification?.last?.check == "trigger health cleared")
        #expect(try await scene.version() == 1)
      }
    }
  }

  @Test("Pods that crash, a rollout that makes no progress, replicas that go away")
  func failedDeployment() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.apply(Example("failed-deployment"), "stalledFor: 5m → 4s", "for: 30s → 1s")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered, trigger: "crash")
      try await scene.rollOut(.bad(3, "Unready"))
      try await scene.event(.recovered, trigger: "stalled")
      // Complete at first, and none of its pods is available later.
      var late = Release.bad(4, "Unready")
      late.failAfter = "6s"
      try await scene.rollOutAndWait(late)
      let event = try await scene.event(.recovered, trigger: "unavailable")
      #expect(event.spec.trigger?.threshold?.contains("50%") == true, "\(String(describing: event.spec.trigger))")
      #expect(try await scene.version() == 1)
      try await scene.undone(times: 3)
    }
  }

  /// Waits for the newest smoke test's pod, and lets it end.
  private static func end(_ scene: Scene, test number: Int, _ behaviour: String) async throws {
    try await eventually("smoke test \(number) runs") {
      let pods = try await scene.client.list(
        Pod.self, namespace: scene.namespace, options: ListOptions(labelSelector: "job-name"))
      let running = pods.items.compactMap(\.object).filter { $0.status.phase == "Running" }
      for pod in running {
        _ = try await scene.world.kubectl(
          "annotate", "pod", pod.metadata.name, "-n", scene.namespace, "--overwrite",
          "simulator.rollback-operator.io/behaviour=\(behaviour)")
      }
      return Progress(pods.items.count == number && !running.isEmpty, "\(pods.items.count) tests")
    }
  }

  @Test("A smoke test that fails after a deployment undoes it, and what is returned to is tested as well")
  func smokeTest() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.apply(Example("smoke-test"), "interval: 5s → 1s", "window: 10m → 4s")
      try await Self.end(scene, test: 1, "Succeed")
      try await scene.verdict(1, becomes: "Good")
      // From here on the test may take its time.
      try await scene.apply(Example("smoke-test"), "interval: 5s → 1s")
      try await scene.rollOutAndWait(.good(2))
      try await Self.end(scene, test: 2, "Fail")
      try await scene.runs(1)
      try await Self.end(scene, test: 3, "Succeed")
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "smoke" && event.spec.trigger?.value == "failed")
      #expect(event.status.verification?.last?.check == "trigger smoke cleared")
      try await scene.undone(times: 1)
    }
  }

  @Test("A monitor that counts more than 20 events a minute")
  func monitoredValue() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await ServiceFront.open(scene) { front in
        try await scene.startOperator(allowing: [front.address])
        _ = try await scene.world.kubectl(
          "create", "secret", "generic", "sentry", "-n", scene.namespace, "--from-literal=Authorization=Bearer x")
        let events = { (count: Int) in #"{"events":{"perMinute":\#(count)}}"# }
        try await scene.deploy(Workload(release: .healthy(1, events(3))))
        let url = "https://sentry.example.com/api/0/projects/shop/web/stats/"
        try await scene.apply(
          Example("monitored-value"), "interval: 15s → 1s", "for: 1m → 2s",
          "url: \(url) → http://\(front.address):\(front.port)/stats/")
        try await scene.triggersReturnData()
        try await scene.rollOutAndWait(.healthy(2, events(19)))
        var bad = Release.healthy(3, events(21))
        // What is bad within the second in which a rollout began was there before it.
        bad.readyAfter = "3s"
        try await scene.rollOutAndWait(bad)
        let event = try await scene.event(.recovered)
        #expect(event.spec.trigger?.name == "new-issues" && event.spec.trigger?.value == "21")
        #expect(event.spec.trigger?.threshold == "above 20")
        #expect(try await scene.version() == 2)
        #expect(try await scene.events().count == 1, "19 was let be")
      }
    }
  }

  @Test("More than 20 lines a minute with ERROR or FATAL")
  func logErrors() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.apply(Example("log-errors"), "interval: 15s → 2s", "for: 1m → 2s")
      try await scene.rollOutAndWait(
        .signalling(2, ["log-lines": "FATAL out of cheese\nserved a request\nno ERRORS here"]))
      let event = try await scene.event(.recovered)
      #expect(event.spec.trigger?.name == "log-errors" && event.spec.trigger?.threshold == "above 20/min")
      try await scene.runs(1)
      try await scene.undone(times: 1)
    }
  }
}
