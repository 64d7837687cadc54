#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where log lines go.
public struct LogOutput: Sendable {
  /// Writes one line, which ends with a line feed.
  public let writeLine: @Sendable (String) -> Void

  public init(_ writeLine: @escaping @Sendable (String) -> Void) {
    self.writeLine = writeLine
  }

  /// File descriptor 2. A line is one `write(2)`, so that lines of different threads do not mix; one that cannot be
  /// written is lost, because a program must not die of its log.
  public static let standardError = LogOutput { line in
    var line = line
    line.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = write(2, rest.baseAddress, rest.count)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if count == 0 || errno != EINTR {
          return
        }
      }
    }
  }
}
