/// A binary heap of keys by deadline; equal deadlines come out in the order they went in.
///
/// Cancelled deadlines stay in the heap until they surface or until they are the majority: ``push(_:isLive:)`` then
/// sweeps them out, so that the size stays proportional to the live ones.
struct DeadlineHeap<Key: Sendable>: Sendable {
  struct Item: Sendable {
    var deadline: Duration
    var ticket: UInt64
    var key: Key

    func precedes(_ other: Item) -> Bool { (deadline, ticket) < (other.deadline, other.ticket) }
  }

  private var items: [Item] = []
  private var sweepAt = 64

  var first: Item? { items.first }
  var count: Int { items.count }

  mutating func push(_ item: Item, isLive: (Item) -> Bool) {
    if items.count >= sweepAt {
      items.removeAll { !isLive($0) }
      items.sort { $0.precedes($1) }
      sweepAt = max(64, items.count * 2)
    }
    items.append(item)
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[child].precedes(items[parent]) else { break }
      items.swapAt(child, parent)
      child = parent
    }
  }

  mutating func popFirst() -> Item? {
    guard let last = items.popLast() else { return nil }
    guard let top = items.first else { return last }
    items[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && items[child].precedes(items[least]) {
        least = child
      }
      guard least != parent else { return top }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
