import KubernetesClient
import Logging
import RollbackCore
import Synchronization
import TestSupport

@testable import RollbackOperator

/// The door out, with what is answered behind it: the same to every request.
final class ScriptedOutbound: OutboundTransport {
  private let answer: Result<OutboundResponse, OutboundError>
  private let sent = Mutex<[OutboundRequest]>([])

  init(_ answer: Result<OutboundResponse, OutboundError>) {
    self.answer = answer
  }

  convenience init(_ status: Int = 200, _ body: String = "") {
    self.init(.success(OutboundResponse(status: status, body: Array(body.utf8))))
  }

  convenience init(_ code: OutboundError.Code) {
    self.init(.failure(OutboundError(code, "the cause")))
  }

  /// Every request, in order.
  var requests: [OutboundRequest] { sent.withLock { $0 } }

  func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
    sent.withLock { $0.append(request) }
    return try answer.get()
  }
}

/// Services that a test has written down, by `NAMESPACE/NAME`.
struct WrittenServices: ServiceDirectory {
  var services: [String: ServiceFacts] = [:]
  var isReadable = true

  func service(_ name: String, in namespace: String) async throws -> ServiceFacts? {
    guard isReadable else { throw CancellationError() }
    return services["\(namespace)/\(name)"]
  }
}

extension SecretHeaders {
  /// Reads the Secret `shop/headers`, and no other.
  static func test(
    _ clock: ManualClock, _ data: String = #"{"Authorization":"QmVhcmVyIGFiYwo="}"#
  ) -> (headers: SecretHeaders, transport: ScriptedTransport) {
    let transport = ScriptedTransport(clock: clock) { request, _ in
      guard request.path.hasSuffix("/api/v1/namespaces/shop/secrets/headers") else {
        return .status(404, "NotFound")
      }
      return .json(
        200,
        #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"headers","namespace":"shop"},"data":\#(data)}"#)
    }
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    return (SecretHeaders(client: client, clock: clock), transport)
  }
}
