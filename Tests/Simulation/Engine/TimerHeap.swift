/// What is to happen at which virtual time; what was added first goes first at the same time.
struct TimerHeap {
  private struct Entry {
    var deadline: Duration
    var id: UInt64

    func isBefore(_ other: Entry) -> Bool { (deadline, id) < (other.deadline, other.id) }
  }

  private var heap: [Entry] = []
  /// A removed timer keeps its entry until it comes up.
  private var actions: [UInt64: @Sendable () -> Void] = [:]
  private var lastID: UInt64 = 0

  var count: Int { actions.count }

  var nextDeadline: Duration? {
    mutating get {
      dropRemoved()
      return heap.first?.deadline
    }
  }

  mutating func add(at deadline: Duration, _ action: @escaping @Sendable () -> Void) -> UInt64 {
    lastID += 1
    actions[lastID] = action
    heap.append(Entry(deadline: deadline, id: lastID))
    siftUp()
    return lastID
  }

  mutating func remove(_ id: UInt64) { actions[id] = nil }

  mutating func takeFirst() -> (@Sendable () -> Void)? {
    dropRemoved()
    guard let first = heap.first else { return nil }
    removeRoot()
    return actions.removeValue(forKey: first.id)
  }

  private mutating func dropRemoved() {
    while let first = heap.first, actions[first.id] == nil { removeRoot() }
  }

  private mutating func siftUp() {
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func removeRoot() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least]) {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
