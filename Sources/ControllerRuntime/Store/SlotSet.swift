/// The slots of one index value: usually one or a few, so that a full hash table would waste memory.
enum SlotSet: Sendable {
  case one(UInt32)
  case few([UInt32])
  case many(Set<UInt32>)

  private static let mostOfFew = 32

  mutating func insert(_ slot: UInt32) {
    switch self {
    case .one(let other):
      if other != slot { self = .few([other, slot]) }
    case .few(var slots):
      self = .one(slot)
      guard !slots.contains(slot) else {
        self = .few(slots)
        return
      }
      slots.append(slot)
      self = slots.count > Self.mostOfFew ? .many(Set(slots)) : .few(slots)
    case .many(var slots):
      self = .one(slot)
      slots.insert(slot)
      self = .many(slots)
    }
  }

  /// Returns nil when nothing is left.
  func removing(_ slot: UInt32) -> SlotSet? {
    switch self {
    case .one(let other): return other == slot ? nil : self
    case .few(let slots): return Self(slots.filter { $0 != slot })
    case .many(var slots):
      slots.remove(slot)
      return slots.count <= Self.mostOfFew / 2 ? Self(Array(slots)) : .many(slots)
    }
  }

  private init?(_ slots: [UInt32]) {
    guard let first = slots.first else { return nil }
    self = slots.count == 1 ? .one(first) : .few(slots)
  }

  var elements: [UInt32] {
    switch self {
    case .one(let slot): [slot]
    case .few(let slots): slots
    case .many(let slots): Array(slots)
    }
  }
}
