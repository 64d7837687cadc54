#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A small file, read whole and never more than a cap.
enum SmallFile {
  /// Larger than any real kubeconfig, certificate bundle or token; a file above it is a mistake.
  static let maximumSize = 4 << 20

  enum Failure: Error, Equatable, CustomStringConvertible {
    case missing
    case unreadable(String)
    case tooLarge

    var description: String {
      switch self {
      case .missing: "the file does not exist"
      case .unreadable(let reason): "the file cannot be read (\(reason))"
      case .tooLarge: "the file is larger than 4 MiB"
      }
    }
  }

  /// Reads a file.
  ///
  /// A named pipe works too, but one that nobody writes to fails after two seconds instead of blocking a thread for
  /// ever.
  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(message(of: errno))
    }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { Self.read(descriptor, into: $0) }
      if count == 0 { return content }
      if count > 0 {
        content.append(contentsOf: buffer[..<count])
        guard content.count <= maximumSize else { throw .tooLarge }
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 2_000) > 0 else { throw .unreadable("nothing was written to it for 2 s") }
      } else if errno != EINTR {
        throw .unreadable(message(of: errno))
      }
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func read(_ descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer.baseAddress, buffer.count)
    #else
      Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }

  private static func message(of code: CInt) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }
}
