import RollbackOperator

/// The way of one process to everything but the API server, with the faults of what is asked there.
struct SimulatedOutbound: OutboundTransport {
  let process: SimulatedProcess
  /// Which life of the process this belongs to: nothing of an earlier life reaches anybody.
  let life: Int
  let metrics: MetricWorld

  private var engine: SimulationEngine { process.engine }
  private var isAlive: Bool { process.life == life }

  func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
    guard isAlive else { throw cancelled }
    guard let kind = MetricWorld.kind(of: request.url) else { throw OutboundError(.resolve, "nobody has this name") }
    let point = process.count(request, kind)
    metrics.note(request, by: "\(process.name), life \(life)")
    let drawn = process.faults.metricFault(of: point)
    let fault = kind == .probe ? drawn : metrics.outageOfMonitors ?? drawn
    process.note("asks \(point.address)\(fault.map { " [\($0)]" } ?? "")", matters: fault != nil)
    try await pause(latency)
    if let failure = try await failure(fault, request) { throw failure }
    let answer = metrics.answer(request, fault) { engine.index(.metrics, below: $0) }
    if case .late(let time) = fault {
      guard time < request.timeout else {
        try await pause(request.timeout)
        throw OutboundError(.timeout, "no answer in time")
      }
      try await pause(time)
    }
    try await pause(latency)
    if case .status(let code) = fault {
      return OutboundResponse(
        status: code, contentType: "text/plain", body: Array(MetricFault.Answer.secret.utf8))
    }
    for reading in answer.readings {
      metrics.evidence.note(.init(process: process.name, at: reading.at, reading.said), about: reading.key)
    }
    guard let response = answer.response else { throw OutboundError(.connect, "the connection was refused") }
    return response
  }

  /// Why there is no answer at all.
  private func failure(
    _ fault: MetricFault?, _ request: OutboundRequest
  ) async throws(OutboundError) -> OutboundError? {
    switch fault {
    case .refused: return OutboundError(.connect, "the connection was refused")
    case .unresolved: return OutboundError(.resolve, "the name cannot be resolved")
    case .tls: return OutboundError(.tls, "the certificate has expired")
    case .redirect: return OutboundError(.redirect(status: 302), "it redirects")
    case .tooLarge: return OutboundError(.tooLarge, "the answer is too large")
    case .timeout:
      try await pause(request.timeout)
      return OutboundError(.timeout, "no answer in time")
    case .late, .status, .answer, .stale, .clockAhead, nil: return nil
    }
  }

  private var latency: Duration { engine.random(.metrics, in: .milliseconds(1) ... .milliseconds(40)) }

  private var cancelled: OutboundError { OutboundError(.cancelled, "the task was cancelled") }

  private func pause(_ duration: Duration) async throws(OutboundError) {
    if await Signal(engine).wait(atMost: duration) == .cancelled || !isAlive { throw cancelled }
  }
}
