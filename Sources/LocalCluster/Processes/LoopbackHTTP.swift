import Glibc

/// HTTP/1.0 without encryption to a server on this machine: enough for etcd's gateway.
enum LoopbackHTTP {
  /// Sends a request and returns the answer's body; `nil` when there is none or its status is not 200.
  static func send(_ method: String, port: Int, path: String, body: String = "") async -> [UInt8]? {
    await withCheckedContinuation { continuation in
      Thread.start { continuation.resume(returning: sendBlocking(method, port: port, path: path, body: body)) }
    }
  }

  /// Whether a server accepts connections on a port of this machine.
  static func isListening(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return connectToLoopback(descriptor, port: port)
  }

  private static func connectToLoopback(_ descriptor: Int32, port: Int) -> Bool {
    var address = loopbackAddress(port: port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func sendBlocking(_ method: String, port: Int, path: String, body: String) -> [UInt8]? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let connected = connectToLoopback(descriptor, port: port)
    let request =
      "\(method) \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let bytes = Array(request.utf8)
    guard connected, Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      return nil
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count >= 0 else { return nil }
      if count == 0 { break }
      answer += buffer[..<count]
    }
    let separator: [UInt8] = Array("\r\n\r\n".utf8)
    guard answer.starts(with: Array("HTTP/1.0 200".utf8)) || answer.starts(with: Array("HTTP/1.1 200".utf8)),
      let end = answer.indices.first(where: { answer[$0...].starts(with: separator) })
    else { return nil }
    return Array(answer[(end + separator.count)...])
  }
}
