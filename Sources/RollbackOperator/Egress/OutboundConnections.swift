import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// HTTP clients that each know one name by one address, which was checked before.
///
/// A client of its own for each pair is what keeps a name from leading elsewhere between check and connection: it
/// resolves nothing. The table is bounded; who was not used for longest goes first.
final class OutboundConnections: Sendable {
  struct Key: Hashable {
    /// The name that the server's certificate is verified against, or the address.
    var name: String
    var address: IPAddress
  }

  private struct Entry {
    var client: HTTPClient
    var users = 0
    var lastUse: UInt64
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var uses: UInt64 = 0
    var isShutDown = false
  }

  private let state = Mutex(State())
  /// More than there are requests at once, so that there is always one to let go.
  private let capacity: Int
  private let connectionsPerHost: Int

  init(capacity: Int, connectionsPerHost: Int) {
    self.capacity = capacity
    self.connectionsPerHost = connectionsPerHost
  }

  var count: Int { state.withLock { $0.entries.count } }

  /// The client of `key`, which is kept until ``release(_:)``; `nil` after ``shutdown()``.
  func client(for key: Key) -> HTTPClient? {
    let (client, evicted) = state.withLock { state -> (HTTPClient?, HTTPClient?) in
      guard !state.isShutDown else { return (nil, nil) }
      state.uses += 1
      if var entry = state.entries[key] {
        entry.users += 1
        entry.lastUse = state.uses
        state.entries[key] = entry
        return (entry.client, nil)
      }
      let evicted = state.entries.count < capacity ? nil : Self.evict(from: &state)
      let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(for: key))
      state.entries[key] = Entry(client: client, users: 1, lastUse: state.uses)
      return (client, evicted)
    }
    // Its connections are idle; nobody has to wait for them.
    evicted?.shutdown { _ in }
    return client
  }

  func release(_ key: Key) {
    state.withLock { $0.entries[key]?.users -= 1 }
  }

  /// Ends all connections; requests that are under way fail.
  func shutdown() async {
    let clients = state.withLock { state in
      state.isShutDown = true
      defer { state.entries = [:] }
      return state.entries.values.map(\.client)
    }
    for client in clients { try? await client.shutdown() }
  }

  private static func evict(from state: inout State) -> HTTPClient? {
    guard let oldest = state.entries.filter({ $0.value.users == 0 }).min(by: { $0.value.lastUse < $1.value.lastUse })
    else { return nil }
    return state.entries.removeValue(forKey: oldest.key)?.client
  }

  private func configuration(for key: Key) -> HTTPClient.Configuration {
    var result = HTTPClient.Configuration()
    result.httpVersion = .http1Only
    result.redirectConfiguration = .disallow
    // A small body could unpack to a large one.
    result.decompression = .disabled
    result.proxy = nil
    result.tlsConfiguration = OutboundTLSContext.plain
    result.timeout = .init(connect: .seconds(4), read: .seconds(10))
    result.connectionPool.idleTimeout = .seconds(30)
    result.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsPerHost
    result.connectionPool.retryConnectionEstablishment = false
    if IPAddress(key.name) == nil { result.dnsOverride = [key.name: key.address.description] }
    let address = key.address
    result.http1_1ConnectionDebugInitializer = { channel in
      channel.eventLoop.submit {
        guard channel.remoteAddress.flatMap(\.ipAddress).flatMap({ IPAddress($0) }) == address else {
          channel.close(promise: nil)
          throw UncheckedPeer()
        }
      }
    }
    return result
  }
}

/// A connection went to another address than the one that was checked.
struct UncheckedPeer: Error {}
