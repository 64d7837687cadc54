import TestSupport

/// Lets other tasks run until the condition holds.
func until(_ condition: () -> Bool) async {
  while !condition() { await Task.yield() }
}

/// Lets other tasks run for a while, to see that nothing happens.
func settle() async {
  for _ in 0..<200 { await Task.yield() }
}

extension ManualClock {
  /// Waits until so many tasks sleep, then lets time pass.
  func advance(by duration: Duration, whenSleeping count: Int) async {
    await waitForSleepers(count)
    advance(by: duration)
  }
}
