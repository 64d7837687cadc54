import RollbackOperator

/// Nothing but the API server can be reached.
struct NoOutboundTransport: OutboundTransport {
  func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
    throw OutboundError(.connect, "nobody is there")
  }
}
