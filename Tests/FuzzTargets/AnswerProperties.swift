@testable import KubernetesClient

/// Any bytes as the answer to a request: a line `STATUS CONTENT-TYPE [RETRY-AFTER]`, then the body.
enum AnswerProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let end = bytes.firstIndex(of: 0x0a) ?? bytes.endIndex
    let line = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
    let body = Array(bytes[end...].dropFirst())
    let status = line.first.flatMap { Int($0) } ?? 500
    var headers: [(name: String, value: String)] = []
    if line.count > 1 { headers.append(("Content-Type", String(line[1]))) }
    if line.count > 2 { headers.append(("Retry-After", String(line[2]))) }
    let answer = TransportResponse(status: status, headers: headers, body: body)
    for changesState in [false, true] {
      let error = KubernetesError(answer: answer, request: "PATCH deployments/web", changesState: changesState)
      try check(error)
      try require(
        !changesState || error.isOutcomeUnknown || (300..<600).contains(status),
        "the outcome of \(status) is said known")
      guard error.status == nil else { continue }
      let bare = TransportResponse(status: status, headers: headers)
      let unsaid = KubernetesError(answer: bare, request: "PATCH deployments/web", changesState: changesState)
      try require(error.description == unsaid.description, "a foreign body changes what is said: \(error)")
    }
    try unreadable(body)
  }

  static func check(_ error: KubernetesError) throws(Violation) {
    try Text.requireOneLine(error.description, longest: 3_000)
    if let wait = error.retryAfter {
      try require(wait > .zero && wait <= .seconds(86_400), "it asks to wait for \(wait)")
    }
    _ = (error.isGone, error.isNotFound, error.needsAPerson, error.isResourceVersionTooLarge)
  }

  /// An answer of status 200 that is not what was asked for.
  private static func unreadable(_ body: [UInt8]) throws(Violation) {
    do throws(JSONError) {
      _ = try Deployment.decode(body)
    } catch {
      let error = KubernetesError(decoding: error, request: "GET deployments/web", changesState: false)
      try check(error)
      try Text.requireNoEcho(of: body, in: error.description, length: 300)
    }
  }
}
