import TestSupport

/// Lets other tasks run until the condition holds.
///
/// - Throws: when the time limit of the test has passed: a test that fails must end.
func until(_ condition: () -> Bool) async throws(CancellationError) {
  while !condition() {
    if Task.isCancelled { throw CancellationError() }
    await Task.yield()
  }
}

/// Lets other tasks run for a while, to see that nothing happens.
///
/// - Throws: when the time limit of the test has passed.
func settle() async throws(CancellationError) {
  for _ in 0..<200 { await Task.yield() }
  if Task.isCancelled { throw CancellationError() }
}

extension ManualClock {
  /// Waits until so many tasks sleep, then lets time pass.
  ///
  /// - Throws: when the time limit of the test has passed.
  func advance(by duration: Duration, whenSleeping count: Int) async throws(CancellationError) {
    await waitForSleepers(count)
    if Task.isCancelled { throw CancellationError() }
    advance(by: duration)
  }
}
