import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("Probes of a workload's health endpoint", .showsLogs, .timeLimitOfQueue)
struct ProbeTests {
  private static let connected = #"{"status":"ok","database":"connected"}"#
  private static let policy = """
    target: {name: web}
    trial: {window: 8s}
    triggers:
    - name: health
      interval: 1s
      probe: {service: web, port: http, path: /api/health, expectJSON: [{path: $.database, equals: connected}]}
    """

  @Test("A release whose health endpoint says that the database is gone is undone, and proven to be healthy again")
  func database() async throws {
    try await Scene.play { scene in
      try await ServiceFront.open(scene) { front in
        try await front.makeService(in: scene)
        try await scene.deploy(Workload(release: .healthy(1, Self.connected)))
        try await scene.policy(Self.policy)
        try await scene.verdict(1, becomes: "Good")
        try await scene.rollOutAndWait(.healthy(2, #"{"status":"ok","database":"gone"}"#))
        let event = try await scene.event(.recovered)
        #expect(event.spec.trigger?.name == "health")
        #expect(event.spec.trigger?.value == #"$.database is not "connected""#)
        #expect(event.spec.trigger?.message?.contains("gone") == false)
        #expect(event.status.verification?.last?.check == "trigger health cleared")
        #expect(try await scene.version() == 1)
        try await scene.undone(times: 1)
      }
    }
  }

  @Test("A health endpoint that refuses connections is undone, and recovered only when it answers again")
  func dead() async throws {
    try await Scene.play { scene in
      try await ServiceFront.open(scene) { front in
        try await front.makeService(in: scene)
        try await scene.deploy(Workload(release: .healthy(1, Self.connected)))
        try await scene.policy(Self.policy)
        try await scene.verdict(1, becomes: "Good")
        try await scene.rollOutAndWait(.healthy(2, Self.connected))
        await front.close()
        try await scene.runs(1)
        try await scene.rolledOut()
        #expect(try await scene.events().allSatisfy { $0.status.outcome == nil })
        try await front.reopen()
        let event = try await scene.event(.recovered)
        #expect(event.spec.trigger?.value == "no answer")
        #expect(event.spec.trigger?.message?.contains("the connection was refused") == true)
      }
    }
  }

  @Test("A probe that cannot be made is told before there is an incident, and is no breach")
  func misconfigured() async throws {
    try await Scene.play { scene in
      try await ServiceFront.open(scene) { front in
        try await scene.deploy(Workload(release: .healthy(1, Self.connected)))
        try await scene.policy(
          Self.policy + """

            - name: outside
              interval: 1s
              probe: {url: "http://\(front.address):\(front.port)/"}
            """)
        let broken = try await scene.policyCondition("TriggersHealthy", is: .false)
        #expect(broken.message.contains("health of web"))
        try await eventually("both triggers are known to be broken") {
          let triggers = try await scene.policy(named: "web").status.targets?.first?.triggers ?? []
          return Progress(triggers.count == 2 && triggers.allSatisfy { $0.state == .error }, "\(triggers)")
        }
        try await front.makeService(in: scene)
        try await eventually("the Service's probe is healthy") {
          let triggers = try await scene.policy(named: "web").status.targets?.first?.triggers ?? []
          let states = Dictionary(uniqueKeysWithValues: triggers.map { ($0.name, $0.state) })
          return Progress(states == ["health": .healthy, "outside": .error], "\(triggers)")
        }
        #expect(try await scene.events().isEmpty)
        #expect(try await scene.verdict(1) == nil)
      }
    }
  }
}
