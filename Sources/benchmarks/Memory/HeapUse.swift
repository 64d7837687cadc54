import CMalloc

/// What this process holds of its heap.
enum HeapUse {
  /// Bytes that were allocated and not freed, by the C library's own account: freed memory that the process has not
  /// given back to the system is not in it.
  static var bytes: Int { Int(clamping: heapBytesInUse()) }
}
