import KubernetesClient
import SimulatedCluster

/// The way of one process to the simulated API server, with the faults of its network.
struct SimulatedTransport: Transport {
  let process: SimulatedProcess
  /// Which life of the process this belongs to: nothing of an earlier life reaches anybody.
  let life: Int
  let purpose: String

  private var engine: SimulationEngine { process.engine }
  private var isAlive: Bool { process.life == life }

  // MARK: Requests

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    guard isAlive else { throw .dead(sent: false) }
    if request.isWrite, purpose != "lease" { process.checkLease(request, life: life) }
    if !request.isWrite { process.checkAge(request) }
    let point = process.count(request)
    let fault = process.faults.fault(of: point)
    note(point, "\(request.method) \(request.path)\(fault.map { " [\($0)]" } ?? "")", fault)
    switch fault {
    case .refused:
      try await pause(latency, sent: false)
      throw TransportError(.connectionFailed, requestMayHaveBeenSent: false, message: "connection refused")
    case .crashBefore:
      process.kill()
      throw .dead(sent: false)
    case .requestLost:
      try await pause(request.timeout, sent: true)
      throw .timeout(request)
    case .late(let milliseconds):
      return try await sendLate(request, point, .milliseconds(milliseconds))
    case .status(let code, let retryAfter):
      try await pause(latency, sent: true)
      return .refusal(code, retryAfter: retryAfter)
    case .stopped(let time):
      process.suspend()
      engine.schedule(after: time) { [process] in process.resume() }
      return try await sendNow(request, point, nil)
    case .watchesEnd:
      process.server.dropWatches()
      return try await sendNow(request, point, nil)
    case .crashAfter, .answerLost, .stale, .past, .garbled, nil:
      return try await sendNow(request, point, fault)
    }
  }

  private func sendNow(
    _ request: TransportRequest, _ point: RequestPoint, _ fault: Fault?
  ) async throws(TransportError) -> TransportResponse {
    do {
      try await pause(latency, sent: true)
    } catch {
      // It was on its way when the process died or gave up.
      if engine.chance(.faults, 0.5) { _ = execute(request, point, nil) }
      throw error
    }
    let response = execute(request, point, fault)
    switch fault {
    case .crashAfter:
      process.kill()
      throw .dead(sent: true)
    case .answerLost:
      try await pause(latency, sent: true)
      throw TransportError(.connectionLost, requestMayHaveBeenSent: true, message: "connection lost")
    case .garbled(let garbling):
      try await pause(latency, sent: true)
      return response.garbled(garbling)
    default:
      try await pause(latency, sent: true)
      return response
    }
  }

  private func sendLate(
    _ request: TransportRequest, _ point: RequestPoint, _ delay: Duration
  ) async throws(TransportError) -> TransportResponse {
    guard delay >= request.timeout else {
      try await pause(delay, sent: true)
      return try await sendNow(request, point, nil)
    }
    engine.schedule(after: delay) { _ = execute(request, point, nil) }
    try await pause(request.timeout, sent: true)
    throw .timeout(request)
  }

  private func execute(_ request: TransportRequest, _ point: RequestPoint, _ fault: Fault?) -> TransportResponse {
    var response = process.server.respond(to: request, user: process.user, asOf: version(of: request, fault))
    response.headers.append(date)
    note(point, "→ \(response.status)", fault)
    return response
  }

  /// The resource version that a read is answered from; `nil` for the newest.
  private func version(of request: TransportRequest, _ fault: Fault?) -> UInt64? {
    switch fault {
    case .past(let version, _): return version
    case .stale(let changes):
      // Without a version the newest is asked for.
      let now = process.server.resourceVersion
      return request.parameter("resourceVersion").flatMap { UInt64($0) }.map {
        max(min($0, now), now - min(now, UInt64(changes)))
      }
    default: return nil
    }
  }

  // MARK: Watches

  func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    guard isAlive else { throw .dead(sent: false) }
    process.checkAge(request)
    let point = process.count(request)
    let fault = process.faults.fault(of: point)
    note(point, "WATCH \(request.path)\(fault.map { " [\($0)]" } ?? "")", fault)
    try await pause(latency, sent: false)
    switch fault {
    case .refused, .requestLost, .answerLost, .late:
      throw TransportError(.connectionFailed, requestMayHaveBeenSent: false, message: "connection refused")
    case .crashBefore, .crashAfter:
      process.kill()
      throw .dead(sent: false)
    case .status(let code, let retryAfter):
      return try await refuse(.refusal(code, retryAfter: retryAfter), onResponse, onChunk)
    case .garbled(let garbling):
      return try await refuse(TransportResponse(status: 200).garbled(garbling), onResponse, onChunk)
    case .stale, .past, .stopped, .watchesEnd, nil: break
    }
    let version = point.isStreamedList ? version(of: request, fault) : nil
    switch process.server.openWatch(request, user: process.user, asOf: version) {
    case .failure(let refused): return try await refuse(refused.response, onResponse, onChunk)
    case .success(let watch):
      defer { watch.close() }
      let head = TransportResponse(status: 200, headers: [("Content-Type", "application/json"), date])
      if point.isStreamedList { process.faults.listed(point) { process.server.versions(listedBy: request) } }
      watch.hide(process.faults.hidden(from: point))
      guard try await onResponse(head) else { return head }
      if case .past(_, let lag) = fault, let list = watch.takeInitialEvents() {
        try await onChunk(list[...])
        try await pause(lag, sent: true)
      }
      try await read(watch, point, idleTimeout: idleTimeout, serverTimeout: request.watchTimeout, onChunk)
      return head
    }
  }

  private func refuse(
    _ response: TransportResponse, _ onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    _ onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    if try await onResponse(TransportResponse(status: response.status, headers: response.headers)) {
      try await onChunk(response.body[...])
    }
    return response
  }

  private func read(
    _ watch: SimulatedWatch, _ point: RequestPoint, idleTimeout: Duration, serverTimeout: Duration,
    _ onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) {
    let signal = Signal(engine)
    watch.onReady { signal.ring() }
    let opened = engine.now
    var heard = opened
    var bookmark = opened + .seconds(60)
    let breaks = process.faults.watchLife(of: point).map { opened + $0 }
    var tellsAll: Duration?
    var held = opened
    while true {
      guard isAlive else { throw .dead(sent: true) }
      if let breaks, engine.now >= breaks {
        // The connection may break in the middle of a line.
        if let lines = watch.take() { try await onChunk(lines.prefix(engine.index(.faults, below: lines.count))) }
        throw TransportError(.connectionLost, requestMayHaveBeenSent: true, message: "connection lost")
      }
      if engine.now >= bookmark {
        watch.bookmark()
        bookmark = engine.now + .seconds(60)
      }
      if engine.now >= held { held = engine.now + process.faults.watchDelay(of: point) }
      process.faults.told(point) { watch.untold }
      tellsAll = watch.isHolding ? tellsAll ?? engine.now + .seconds(30) : nil
      if let tellsAll, engine.now >= tellsAll { watch.hide(nil) }
      if engine.now >= held, let lines = watch.take() {
        try await pause(latency, sent: true)
        guard isAlive else { throw .dead(sent: true) }
        heard = engine.now
        try await onChunk(lines[...])
        continue
      }
      if watch.hasEnded || engine.now >= opened + serverTimeout { return }
      if engine.now >= heard + idleTimeout {
        throw TransportError(.idle, requestMayHaveBeenSent: true, message: "silent for \(idleTimeout)")
      }
      var next = min(
        min(opened + serverTimeout, heard + idleTimeout, bookmark), breaks ?? bookmark, tellsAll ?? bookmark)
      if engine.now < held { next = min(next, held) }
      if await signal.wait(atMost: next - engine.now) == .cancelled { throw .dead(sent: true) }
    }
  }

  // MARK: Parts

  private var date: (name: String, value: String) { ("Date", HTTPDate.text(process.server.now())) }

  private var latency: Duration { engine.random(.latency, in: .microseconds(200) ... .milliseconds(8)) }

  private func pause(_ duration: Duration, sent: Bool) async throws(TransportError) {
    if await Signal(engine).wait(atMost: duration) == .cancelled || !isAlive { throw .dead(sent: sent) }
  }

  private func note(_ point: RequestPoint, _ text: String, _ fault: Fault?) {
    let isWrite = point.write != nil && purpose != "lease"
    process.note("\(purpose) \(point.number) \(text)", matters: isWrite || fault != nil)
  }
}

extension TransportError {
  static func dead(sent: Bool) -> TransportError {
    TransportError(.cancelled, requestMayHaveBeenSent: sent, message: "the task was cancelled")
  }

  static func timeout(_ request: TransportRequest) -> TransportError {
    TransportError(.timedOut, requestMayHaveBeenSent: true, message: "no answer within \(request.timeout)")
  }
}

extension TransportResponse {
  static func refusal(_ code: Int, retryAfter: Int?) -> TransportResponse {
    let reasons = [429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 403: "Forbidden"]
    let status = Status(
      message: "injected", reason: reasons[code] ?? "", code: code,
      details: Status.Details(retryAfterSeconds: retryAfter))
    return TransportResponse(
      status: code,
      headers: [("Content-Type", "application/json")] + (retryAfter.map { [("Retry-After", "\($0)")] } ?? []),
      body: status.json.serialized())
  }
}

extension TransportResponse {
  fileprivate func garbled(_ garbling: Fault.Garbling) -> TransportResponse {
    var response = self
    response.status = 200
    switch garbling {
    case .cut: response.body = Array(body.prefix(body.count / 2))
    case .page: response.body = Array("<html><body>Please log in</body></html>".utf8)
    case .empty: response.body = []
    case .another: response.body = Array(#"{"kind":"Teapot","items":{"a":[1,2,3]}}"#.utf8)
    }
    return response
  }
}

extension TransportRequest {
  /// When the server ends a watch by itself.
  fileprivate var watchTimeout: Duration {
    parameter("timeoutSeconds").flatMap { Int($0) }.map { .seconds($0) } ?? .seconds(300)
  }

  /// A part of the query, as it stands there.
  fileprivate func parameter(_ name: String) -> Substring? {
    let query = path.split(separator: "?").last ?? ""
    return query.split(separator: "&").first { $0.hasPrefix("\(name)=") }?.dropFirst(name.count + 1)
  }

  var isWrite: Bool { method != "GET" }
}
