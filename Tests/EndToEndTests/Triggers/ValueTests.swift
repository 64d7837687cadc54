import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite("A number of a JSON document over HTTP", .showsLogs, .timeLimitOfQueue)
struct ValueTests {
  private static func policy(_ front: ServiceFront, window: String = "8s") -> String {
    """
    target: {name: web}
    trial: {window: \(window)}
    triggers:
    - name: error-share
      interval: 1s
      for: 2s
      value: {url: "http://\(front.address):\(front.port)/stats?window=1m", jsonPath: "$.errors[0].share", above: "5%"}
    """
  }

  private static func errors(_ share: String) -> String { #"{"errors":[{"share":\#(share)}]}"# }

  @Test("A value above its limit is undone, and proven to be below it again")
  func above() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await ServiceFront.open(scene) { front in
        try await scene.startOperator(allowing: [front.address])
        try await scene.deploy(Workload(release: .healthy(1, Self.errors("0.01"))))
        try await scene.policy(Self.policy(front))
        try await scene.verdict(1, becomes: "Good")
        // As long as a slow machine needs.
        try await scene.policy(Self.policy(front, window: "10m"))
        var bad = Release.healthy(2, Self.errors(#""0.25""#))
        // What is bad within the second in which a rollout began was there before it.
        bad.readyAfter = "3s"
        try await scene.rollOutAndWait(bad)
        let event = try await scene.event(.recovered)
        #expect(event.spec.trigger?.name == "error-share")
        #expect(event.spec.trigger?.value == "25%")
        #expect(event.spec.trigger?.threshold == "above 5%")
        #expect(event.status.verification?.last?.check == "trigger error-share cleared")
        #expect(try await scene.version() == 1)
      }
    }
  }

  @Test("A release that takes the number away is neither undone nor proven good")
  func gone() async throws {
    try await Scene.play(startsOperator: false) { scene in
      try await ServiceFront.open(scene) { front in
        try await scene.startOperator(allowing: [front.address])
        try await scene.deploy(Workload(release: .healthy(1, Self.errors("0.01"))))
        try await scene.policy(Self.policy(front))
        try await scene.verdict(1, becomes: "Good")
        try await scene.rollOutAndWait(.healthy(2, Self.errors(#""NaN""#)))
        try await scene.policyCondition("TriggersHealthy", is: .false)
        try await eventually("the trial would be over") {
          let end = try await scene.policy(named: "web").status.targets?.first?.trialEndsAt
          return Progress(end.map { $0.addingTimeInterval(2) < Date() } ?? false, "\(String(describing: end))")
        }
        #expect(try await scene.verdict(2) == nil)
        #expect(try await scene.events().isEmpty)
      }
    }
  }
}
