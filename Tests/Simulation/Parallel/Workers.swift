import Foundation  // Thread
import Synchronization

/// Does independent pieces of work on threads of their own, in the order in which they come up.
public struct Workers: Sendable {
  private let count: Int

  public init(_ count: Int) {
    self.count = max(count, 1)
  }

  /// Calls `body` for each of `items` until all are done or it returns false.
  public func each<Item: Sendable>(_ items: [Item], _ body: @escaping @Sendable (Item) -> Bool) {
    let next = Mutex<Int?>(0)
    let ends = (0..<count).map { _ in
      let end = DispatchSemaphore(value: 0)
      let thread = Thread {
        while let index = next.withLock({ next -> Int? in
          guard let index = next, index < items.count else { return nil }
          next = index + 1
          return index
        }) {
          if !body(items[index]) { next.withLock { $0 = nil } }
        }
        end.signal()
      }
      thread.stackSize = 16 << 20
      thread.start()
      return end
    }
    for end in ends { end.wait() }
  }
}
