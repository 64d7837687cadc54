import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackOperator
import Testing

@Suite(
  "The wall clock has no part in the election, and a wrong one none in a rollback", .showsLogs, .timeLimit(.minutes(5)),
  .enabled(if: MovedClock.canBeBuilt, "a C compiler makes the library that moves a process's clock"))
struct AvailabilityClockTests {
  @Test("The leader's clock and the other's are set apart by hours", arguments: [7_200, -7_200] as [Int64])
  func moved(seconds: Int64) async throws {
    func clock(_ scene: Scene, _ number: Int) -> MovedClock { MovedClock(path: "\(scene.folder)/clock-\(number)") }
    try await Scene.playReplicas(
      2,
      environment: { scene, number in
        try await clock(scene, number).make()
        return clock(scene, number).environment
      },
      { scene, replicas in
        try await scene.protect()
        try clock(scene, 1).move(by: seconds)
        try clock(scene, 2).move(by: -seconds)
        let before = try scene.leaseHistory().writes.count
        // Longer than the lease lasts, so that whoever counts by the times in it would have taken it over.
        try await eventually("the leader renews the lease", within: .seconds(30)) {
          let count = try scene.leaseHistory().writes.count
          return Progress(count >= before + 8, "\(count - before) renewals")
        }
        #expect(abs(try await clock(scene, 1).shift() - Double(seconds)) < 60, "the clock was moved")
        let history = try scene.leaseHistory()
        #expect(history.terms.count == 1)
        let last = try #require(history.writes.last)
        let shift = try #require(last.renewed).timeIntervalSince(last.received)
        #expect(abs(shift) < 60, "the lease tells the API server's time")

        await replicas.leader.instance.kill()
        let next = try await scene.leads(anyOf: replicas.others)
        try await scene.rollOut(.bad(2))
        try await scene.isUndoneOnce()
        let (_, new) = try scene.failedOver(from: replicas.leader, to: next)
        #expect(try #require(new.gap) <= Replicas.leaseDuration + Replicas.slack)
      })
  }
}
