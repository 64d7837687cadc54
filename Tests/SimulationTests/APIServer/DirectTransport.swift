import KubernetesClient
import SimulatedCluster

/// Hands requests to a simulated API server at once; watches go on by hand.
struct DirectTransport: Transport {
  var server: SimulatedAPIServer
  var user = "tester"

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    server.respond(to: request, user: user)
  }

  func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    throw TransportError(.connectionFailed, requestMayHaveBeenSent: false, message: "watches are opened by hand here")
  }
}
