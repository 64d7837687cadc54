struct NoTransport: OutboundTransport {
  func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse { throw OutboundError(.connect, "no") }
}
