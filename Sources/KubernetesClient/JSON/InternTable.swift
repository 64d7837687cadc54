import Synchronization

/// One copy of each text that many cached objects have in common.
///
/// A table of fixed size in which a text has one possible slot: a newcomer drives out what was there. So it needs no
/// bookkeeping and cannot grow; rare texts that pass through cost frequent ones an additional copy now and then.
final class InternTable: Sendable {
  static let shared = InternTable()

  /// Up to this size a `String` holds its text without an allocation, so that there is nothing to share.
  private static let inlineCapacity = 15
  /// Longer texts are not labels or names.
  private static let longest = 253
  private static let slotCount = 1 << 14

  private let slots = Mutex([String](repeating: "", count: slotCount))

  func string(_ bytes: Span<UInt8>) -> String {
    guard bytes.count > Self.inlineCapacity, bytes.count <= Self.longest else { return JSONString.text(bytes) }
    let slot = Self.slot(bytes)
    return slots.withLock { slots in
      if slots.indices.contains(slot), Self.isSame(slots[slot], bytes) { return slots[slot] }
      let text = JSONString.text(bytes)
      if slots.indices.contains(slot) { slots[slot] = text }
      return text
    }
  }

  /// The shared copy of a text that is a `String` already.
  func string(_ text: String) -> String {
    guard text.utf8.count > Self.inlineCapacity else { return text }
    let bytes = Array(text.utf8)
    return string(bytes.span)
  }

  /// FNV-1a.
  private static func slot(_ bytes: Span<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return Int((hash ^ hash >> 32) & UInt64(slotCount - 1))
  }

  private static func isSame(_ text: String, _ bytes: Span<UInt8>) -> Bool {
    guard text.utf8.count == bytes.count else { return false }
    let held = text.utf8.span
    for index in bytes.indices where held[index] != bytes[index] { return false }
    return true
  }
}
