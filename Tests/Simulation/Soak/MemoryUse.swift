import CMalloc
import FoundationEssentials

/// What this process holds.
public struct MemoryUse: Sendable {
  /// Bytes that were allocated and not freed, by the C library's own account.
  public var heap: Int
  /// Bytes of the process that are in memory, from `/proc/self/statm` (proc(5)); 0 where there is none.
  public var resident: Int

  /// As it is now.
  public static var now: MemoryUse {
    let pages = (try? String(contentsOf: URL(filePath: "/proc/self/statm"), encoding: .utf8))?
      .split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return MemoryUse(heap: Int(clamping: heapBytesInUse()), resident: (pages ?? 0) * 4_096)
  }
}
