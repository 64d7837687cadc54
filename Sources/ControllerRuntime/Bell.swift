import KubernetesClient

/// Wakes one waiting task; rings while nobody waits are remembered as one.
///
/// The buffer holds a single element, so that a ring never blocks and never queues up. One task waits at a time. A bell
/// is spent when the waiting task is cancelled: every later wait returns false at once.
struct Bell: Sendable {
  private let rings: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() {
    (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Lets the waiting task, or the next one that waits, go on.
  func ring() { continuation.yield() }

  /// Waits for a ring.
  ///
  /// - Returns: false when the task was cancelled.
  func wait() async -> Bool {
    for await _ in rings { return !Task.isCancelled }
    return false
  }

  /// Waits for a ring, but not longer than `limit`; the ring may also be an earlier, remembered one.
  ///
  /// - Returns: false when the task was cancelled.
  func wait(atMost limit: Duration?, clock: any RuntimeClock) async -> Bool {
    guard let limit else { return await wait() }
    return await withDiscardingTaskGroup { group in
      // The stream is awaited by this task alone: cancelling a task that awaits an AsyncStream ends the stream.
      group.addTask {
        do throws(CancellationError) {
          try await clock.sleep(for: limit)
          self.ring()
        } catch {
          return
        }
      }
      let rung = await self.wait()
      group.cancelAll()
      return rung
    }
  }
}
