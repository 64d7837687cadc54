import FoundationEssentials
import KubernetesClient

/// A request of the operator as the proxy sees it.
struct FaultRequest: Sendable {
  var method: String
  /// With its query.
  var target: String
  var headers: [(name: String, value: String)]
  var body: [UInt8]
  /// Which write of the operator it is, from 1, as ``write`` counts; 0 for everything else.
  var writeNumber = 0

  var path: String { String(target.prefix { $0 != "?" }) }
  var isWatch: Bool { target.contains("watch=true") }
  var isDryRun: Bool { target.contains("dryRun=") }

  var document: JSONValue? { try? JSONValue(parsing: body) }

  /// The last part of a resource's own path.
  var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

  /// What is written, such as `PATCH deployments` or `PATCH rollbackevents/status`; `nil` for reads, and for the Events
  /// and Leases that no state depends on.
  var write: String? {
    guard method != "GET", !isDryRun else { return nil }
    var segments = path.split(separator: "/").map(String.init)
    guard segments.count > 2 else { return nil }
    segments.removeFirst(segments[0] == "api" ? 2 : 3)
    if segments.first == "namespaces", segments.count > 2 { segments.removeFirst(2) }
    guard let resource = segments.first, !["events", "leases"].contains(resource) else { return nil }
    return "\(method) \(resource)" + (segments.count > 2 ? "/\(segments[2])" : "")
  }

  /// Whether this replaces the pod template of a Deployment.
  var isTemplatePatch: Bool {
    write == "PATCH deployments" && document?.array?.contains { $0["path"]?.string == "/spec/template" } == true
  }
}

/// What becomes of a request.
enum FaultAction: Sendable {
  /// To the API server and back. `after` runs between the two.
  case forward(after: (@Sendable () async -> Void)?)
  /// The connection is closed; the API server never hears of it.
  case drop
  /// The API server does it, `after` runs, and then the connection is closed without an answer.
  case loseAnswer(after: (@Sendable () async -> Void)?)
  /// An answer in place of the API server's: a Status, or with an empty reason a page of text, as the API server itself
  /// gives while what serves a kind is away.
  case refuse(status: Int, reason: String, retryAfter: Int?)

  static var forward: FaultAction { .forward(after: nil) }
  static var loseAnswer: FaultAction { .loseAnswer(after: nil) }
}

/// Holds whoever waits until it is opened.
actor FaultGate {
  private var isOpen = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  func wait() async {
    if isOpen { return }
    await withCheckedContinuation { waiters.append($0) }
  }

  func open() {
    isOpen = true
    for waiter in waiters { waiter.resume() }
    waiters = []
  }
}
