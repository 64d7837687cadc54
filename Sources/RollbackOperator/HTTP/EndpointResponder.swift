import Hummingbird

/// Answers `/healthz`, `/readyz` and `/metrics`; everything else is refused.
struct EndpointResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let checks: [ReadinessCheck]
  let metrics: PrometheusMetrics

  func respond(to request: Request, context: Context) async throws -> Response {
    let answer: @Sendable () -> Response
    switch request.uri.path {
    case "/healthz": answer = { Self.text(.ok, "ok\n") }
    case "/readyz":
      answer = {
        let report = ReadinessReport(checks)
        return Self.text(report.isReady ? .ok : .serviceUnavailable, report.text)
      }
    case "/metrics": answer = { Self.text(.ok, metrics.exposition(), type: PrometheusMetrics.contentType) }
    default: return Self.text(.notFound, "not found; there are /healthz, /readyz and /metrics\n")
    }
    guard request.method == .get else {
      var response = Self.text(.methodNotAllowed, "only GET is allowed\n")
      response.headers[.allow] = "GET"
      return response
    }
    return answer()
  }

  private static func text(
    _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
