#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads small files without trusting their size.
enum BoundedFile {
  /// The bytes of the file at `path`.
  ///
  /// - Throws: a ``Rejection`` when it cannot be read or holds more than `limit` bytes.
  static func read(_ path: String, limit: Int) throws(Rejection) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(errno) }
    defer { _ = close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1_024)
    while true {
      let count = chunk.withUnsafeMutableBytes { Self.read(descriptor, into: $0) }
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(errno)
      }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk.prefix(count))
      guard bytes.count <= limit else {
        throw Rejection(reason: "is larger than \(limit) bytes", remedy: "name a smaller file")
      }
    }
  }

  private static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer.baseAddress, buffer.count)
    #else
      Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }

  private static func unreadable(_ code: Int32) -> Rejection {
    let text = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return Rejection(reason: "cannot be read (\(text))", remedy: "name a file that exists and may be read")
  }
}
