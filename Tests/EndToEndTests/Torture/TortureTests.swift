import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@Suite(
  "The operator is killed at random while many workloads roll back, and every round ends right", .showsLogs,
  .serialized, .timeLimit(.minutes(TortureRun.minutes)))
struct TortureTests {
  @Test("Rounds of bad releases", arguments: TortureRun.all)
  func rounds(run: TortureRun) async throws {
    print(
      "torture: \(run.rounds) rounds of \(run.workloads) workloads in \(run.lanes) lanes; again with: "
        + "make torture ROUNDS=\(run.rounds) WORKLOADS=\(run.workloads) LANES=\(run.lanes) SEED=\(run.seed)")
    let clock = ContinuousClock()
    let start = clock.now
    let slots = Slots(count: run.lanes)
    let kills = try await withThrowingTaskGroup(of: Int.self) { group in
      for lane in 0..<run.lanes where run.rounds(ofLane: lane) > 0 {
        group.addTask {
          try await Scene.play(startsOperator: false, slots: slots) { scene in
            var torture = TortureLane(scene: scene, run: run, lane: lane)
            return try await torture.play()
          }
        }
      }
      var kills = 0
      for try await count in group { kills += count }
      return kills
    }
    print("torture: \(run.rounds) rounds in \(clock.now - start), the operator was killed \(kills) times")
    #expect(kills > 0)
  }
}
