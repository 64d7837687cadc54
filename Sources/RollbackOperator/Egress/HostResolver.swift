import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A name could not be resolved.
public enum HostResolutionError: Error, Sendable, Hashable {
  /// The DNS says that there is no such name, or that it has no address.
  case notFound
  /// The DNS did not answer; the resolver's own words.
  case failed(String)
  case cancelled
}

/// Finds the addresses of a name; the only place that asks the DNS, so that a test can answer in its stead.
public protocol HostResolver: Sendable {
  /// All addresses of `name`, the one to try first at the front; never empty.
  func addresses(of name: String) async throws(HostResolutionError) -> [IPAddress]
}

/// Asks the machine's own resolver, as every other program in the pod does.
///
/// It blocks, for as long as the machine's resolver is patient. So it runs on a few threads of its own, and one name
/// that is slow to answer holds no more than half of them.
final class SystemHostResolver: HostResolver {
  static let threads = 4

  private let pool: NIOThreadPool
  private let slots = RequestGate(limits: .init(total: threads, perHost: threads / 2))

  init() {
    pool = NIOThreadPool(numberOfThreads: Self.threads)
    pool.start()
  }

  /// Lookups that run are left to themselves.
  func shutdown() { pool.shutdownGracefully { _ in } }

  func addresses(of name: String) async throws(HostResolutionError) -> [IPAddress] {
    do {
      try await slots.enter(name)
    } catch {
      throw .cancelled
    }
    let answer = Answer()
    // The thread gives the slot back, not the caller: who is cancelled leaves a thread that is still busy.
    pool.submit { [slots] state in
      answer.settle(state == .active ? Self.lookUp(name) : .failure(.cancelled))
      slots.leave(name)
    }
    return try await answer.wait().get()
  }

  private static func lookUp(_ name: String) -> Result<[IPAddress], HostResolutionError> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_protocol = CInt(IPPROTO_TCP)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else {
      let isMissing = code == EAI_NONAME || code == noData
      return .failure(
        isMissing ? .notFound : .failed(gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"))
    }
    defer { freeaddrinfo(list) }
    var found: [IPAddress] = []
    var entry = list
    while let current = entry {
      if let address = address(current.pointee.ai_addr, family: current.pointee.ai_family), !found.contains(address) {
        found.append(address)
      }
      entry = current.pointee.ai_next
    }
    return found.isEmpty ? .failure(.notFound) : .success(found)
  }

  /// `EAI_NODATA`, which the C library hides behind a feature macro.
  private static let noData: CInt = -5

  /// Reads the address behind family and port (and, of IPv6, the flow label) in a `sockaddr`.
  private static func address(_ pointer: UnsafeMutablePointer<sockaddr>?, family: CInt) -> IPAddress? {
    guard let pointer else { return nil }
    let raw = UnsafeRawPointer(pointer)
    switch family {
    case AF_INET: return IPAddress(bytes: UnsafeRawBufferPointer(start: raw + 4, count: 4))
    case AF_INET6: return IPAddress(bytes: UnsafeRawBufferPointer(start: raw + 8, count: 16))
    default: return nil
    }
  }
}

/// One value that one task waits for; a cancelled task stops waiting.
private final class Answer: Sendable {
  typealias Value = Result<[IPAddress], HostResolutionError>

  private enum State {
    case pending
    case waiting(CheckedContinuation<Value, Never>)
    case settled(Value)
  }

  private let state = Mutex(State.pending)

  /// The first value counts.
  func settle(_ value: Value) {
    let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
      switch state {
      case .settled: return nil
      case .pending:
        state = .settled(value)
        return nil
      case .waiting(let continuation):
        state = .settled(value)
        return continuation
      }
    }
    waiter?.resume(returning: value)
  }

  func wait() async -> Value {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let value = state.withLock { state -> Value? in
          guard case .settled(let value) = state else {
            state = .waiting(continuation)
            return nil
          }
          return value
        }
        if let value { continuation.resume(returning: value) }
      }
    } onCancel: {
      settle(.failure(.cancelled))
    }
  }
}
