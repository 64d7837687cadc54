import Testing

@testable import ControllerRuntime

@Suite("Gate", .timeLimit(.minutes(2)))
struct GateTests {
  @Test("Lets everybody through once open, and turns away once failed")
  func opensAndFails() async throws {
    let gate = Gate()
    try await withThrowingDiscardingTaskGroup { group in
      for _ in 0..<5 { group.addTask { try await gate.wait() } }
      try await settle()
      gate.open()
    }
    try await gate.wait()
    gate.fail(TestFailure())
    gate.open()
    await #expect(throws: TestFailure.self) { try await gate.wait() }
  }

  @Test("A cancelled waiter leaves, the others stay")
  func cancellation() async throws {
    let gate = Gate()
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await gate.wait() }
      await withTaskGroup(of: Bool.self) { cancelled in
        cancelled.addTask {
          do {
            try await gate.wait()
            return false
          } catch { return error is CancellationError }
        }
        cancelled.cancelAll()
        #expect(await cancelled.next() == true)
      }
      gate.open()
    }
  }
}
