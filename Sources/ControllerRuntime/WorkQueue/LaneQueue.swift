/// First in, first out of one lane. Keys that moved to a higher lane stay behind as stale items until they are swept.
struct LaneQueue<Key: Sendable>: Sendable {
  struct Item: Sendable {
    var key: Key
    var ticket: UInt64
  }

  private var items: [Item] = []
  private var head = 0

  /// Keys that really wait in this lane.
  private(set) var count = 0
  /// Items in memory, stale ones included.
  var storedItems: Int { items.count }
  /// Keys taken from higher lanes while this one had some.
  var passedOver = 0

  mutating func append(_ item: Item, isLive: (Item) -> Bool) {
    if items.count - head > 2 * count + 64 {
      items = items[head...].filter(isLive)
      head = 0
    }
    items.append(item)
    count += 1
  }

  /// One of the waiting keys was moved elsewhere.
  mutating func abandon() {
    count -= 1
    if count == 0 { removeAll() }
  }

  mutating func popFirst(isLive: (Item) -> Bool) -> Item? {
    while head < items.count {
      let item = items[head]
      head += 1
      guard isLive(item) else { continue }
      count -= 1
      if count == 0 {
        removeAll()
      } else if head > 64, head * 2 > items.count {
        items.removeFirst(head)
        head = 0
      }
      return item
    }
    removeAll()
    return nil
  }

  mutating func removeAll() {
    items.removeAll(keepingCapacity: items.capacity <= 1024)
    head = 0
    count = 0
    passedOver = 0
  }
}
