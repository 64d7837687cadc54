import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request and its answer, once it is known which addresses it may go to.
struct OutboundExchange: Sendable {
  /// How many addresses of one name are tried.
  static let addressesTried = 3

  let connections: OutboundConnections
  private let tls = OutboundTLSContext()

  init(connectionsPerHost: Int) {
    connections = OutboundConnections(capacity: 256, connectionsPerHost: connectionsPerHost)
  }

  /// Tries the addresses in order as long as nothing has been sent.
  func run(
    _ request: OutboundRequest, with addresses: [IPAddress], _ failures: OutboundFailures
  ) async throws(OutboundError) -> OutboundResponse {
    var failure = failures.refused(EgressRefusal(.noAddress, host: "\(request.url.host)", reason: "has no address"))
    for address in addresses.prefix(Self.addressesTried) {
      let name = request.tls?.serverName ?? Self.bare(request.url.host)
      let key = OutboundConnections.Key(name: name, address: address)
      guard let client = connections.client(for: key) else { throw failures.cancelled }
      defer { connections.release(key) }
      do {
        let prepared = try httpRequest(request, connectingTo: name, failures)
        let response = try await client.execute(prepared, deadline: .now() + .seconds(11))
        return try await answer(response, of: request, failures)
      } catch {
        failure = failures.outboundError(Task.isCancelled ? CancellationError() : error)
        guard OutboundFailures.isBeforeSending(error) else { break }
      }
    }
    throw failure
  }

  private static func bare(_ host: OutboundURL.Host) -> String {
    switch host {
    case .name(let name): name
    case .address(let address): address.description
    }
  }

  private func httpRequest(
    _ request: OutboundRequest, connectingTo name: String, _ failures: OutboundFailures
  ) throws(OutboundError) -> HTTPClientRequest {
    let url = request.url
    let host = name.contains(":") ? "[\(name)]" : name
    var result = HTTPClientRequest(url: "\(url.scheme.rawValue)://\(host):\(url.port)\(url.pathAndQuery)")
    result.method = HTTPMethod(rawValue: request.method.rawValue)
    result.headers.add(name: "Host", value: url.authority)
    result.headers.add(name: "User-Agent", value: "rollback-operator/\(OperatorVersion.current)")
    for header in request.headers {
      if header.name.lowercased() == "user-agent" { result.headers.remove(name: "User-Agent") }
      result.headers.add(name: header.name, value: header.value)
    }
    if let body = request.body { result.body = .bytes(ByteBuffer(bytes: body)) }
    guard let wanted = request.tls else { return result }
    do {
      result.tlsConfiguration = try tls.configuration(for: wanted)
    } catch {
      throw failures.invalid(error.reason)
    }
    return result
  }

  private func answer(
    _ response: HTTPClientResponse, of request: OutboundRequest, _ failures: OutboundFailures
  ) async throws -> OutboundResponse {
    let status = Int(response.status.code)
    guard !(300..<400).contains(status) else { throw failures.redirected(status) }
    if request.method != .head, let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }),
      length > request.maximumBytes
    {
      throw failures.tooLarge(request.maximumBytes)
    }
    var body: [UInt8] = []
    for try await chunk in response.body {
      guard body.count + chunk.readableBytes <= request.maximumBytes else {
        throw failures.tooLarge(request.maximumBytes)
      }
      body.append(contentsOf: chunk.readableBytesView)
    }
    // The body's sequence just ends when its task is cancelled between two chunks.
    if Task.isCancelled { throw CancellationError() }
    let contentType = response.headers.first(name: "Content-Type").map { String($0.prefix(256)) }
    return OutboundResponse(status: status, contentType: contentType, body: body)
  }
}
