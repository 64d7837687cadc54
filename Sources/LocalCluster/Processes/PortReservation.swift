import Glibc

/// A TCP port of the loopback interface that belongs to one cluster for as long as this value lives, even while the
/// server that listens on it is stopped.
///
/// Ports are taken from below the range that the kernel gives to outgoing connections, so that a server can be
/// restarted on its port. Clusters keep out of each other's way by a locked byte for each port; the kernel drops the
/// lock when its owner ends, however it ends.
final class PortReservation: Sendable {
  let port: Int
  private let lock: FileLock

  private init(port: Int, lock: FileLock) {
    self.port = port
    self.lock = lock
  }

  /// Reserves a port on which nothing listens.
  ///
  /// - Parameter file: the file whose bytes are locked; shared by all clusters of a user.
  static func make(lockFile file: String) throws(ClusterError) -> PortReservation {
    for _ in 0..<200 {
      let port = Int.random(in: 20_000..<32_000)
      guard let lock = FileLock(path: file, byte: port), isFree(port) else { continue }
      return PortReservation(port: port, lock: lock)
    }
    throw ClusterError(.portTaken, "no free TCP port found between 20000 and 32000 on 127.0.0.1")
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var reuse: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    var address = loopbackAddress(port: port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

func loopbackAddress(port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
  address.sin_addr = in_addr(s_addr: in_addr_t(0x7f00_0001).bigEndian)
  return address
}
