public import KubernetesClient

/// Counts the requests that go through another transport, under the name dashboards know: `rest_client_requests_total`.
public struct MeteredTransport: Transport {
  private let transport: any Transport
  private let metrics: OperatorMetrics

  public init(_ transport: any Transport, metrics: OperatorMetrics) {
    self.transport = transport
    self.metrics = metrics
  }

  public func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    do throws(TransportError) {
      let answer = try await transport.send(request)
      metrics.requestEnded(method: request.method, status: answer.status)
      return answer
    } catch {
      metrics.requestEnded(method: request.method, status: nil)
      throw error
    }
  }

  public func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    var status: Int?
    do throws(TransportError) {
      let answer = try await transport.stream(
        request, idleTimeout: idleTimeout,
        onResponse: { head throws(TransportError) in
          status = head.status
          metrics.requestEnded(method: request.method, status: head.status)
          return try await onResponse(head)
        }, onChunk: onChunk)
      return answer
    } catch {
      if status == nil { metrics.requestEnded(method: request.method, status: nil) }
      throw error
    }
  }
}
