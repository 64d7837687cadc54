import KubernetesClient
import Synchronization

/// An API server in memory that has so many objects of one kind, makes each page when it is asked for, and then has
/// nothing new to tell.
final class GeneratedAPIServer: Transport {
  private let template: ObjectTemplate
  private let kind: String
  private let count: Int
  private let series: String
  private let sent = Mutex(0)

  /// - Parameters:
  ///   - kind: of the list, for example `DeploymentList`.
  ///   - series: part of the objects' names.
  init(_ template: ObjectTemplate, kind: String, count: Int, series: String) {
    self.template = template
    self.kind = kind
    self.count = count
    self.series = series
  }

  /// Bytes of all pages sent so far.
  var bytesSent: Int { sent.withLock { $0 } }

  func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
    let first = number("continue", in: request.path) ?? 0
    let limit = number("limit", in: request.path) ?? count
    let page = ObjectPage(template, kind: kind, first..<min(count, first + limit), of: count, series: series).bytes
    sent.withLock { $0 += page.count }
    return TransportResponse(status: 200, headers: [("Content-Type", "application/json")], body: page)
  }

  func stream(
    _ request: TransportRequest, idleTimeout: Duration,
    onResponse: (TransportResponse) async throws(TransportError) -> Bool,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void
  ) async throws(TransportError) -> TransportResponse {
    let head = TransportResponse(status: 200, headers: [("Content-Type", "application/json")])
    _ = try await onResponse(head)
    try? await Task.sleep(for: .seconds(86_400))
    throw TransportError(.cancelled, requestMayHaveBeenSent: true, message: "the watch was left")
  }

  private func number(_ parameter: String, in path: String) -> Int? {
    path.split(whereSeparator: { $0 == "?" || $0 == "&" })
      .first { $0.hasPrefix("\(parameter)=") }
      .flatMap { Int($0.dropFirst(parameter.utf8.count + 1)) }
  }
}
