/// Whether one part of the operator can do its work.
public enum Readiness: Sendable, Equatable {
  case ready
  /// Ready, with what it does at the moment in a few words, as `standing by`.
  case readyAnd(String)
  /// Not yet, or not any more, with the reason in a few words; anybody who reaches the port reads it.
  case notReady(String)
}

/// One line of `/readyz`.
public struct ReadinessCheck: Sendable {
  /// A short name, as `policies-synced`.
  public var name: String
  /// Asked at every request, so it must be cheap and must not wait.
  public var readiness: @Sendable () -> Readiness

  public init(_ name: String, _ readiness: @escaping @Sendable () -> Readiness) {
    self.name = name
    self.readiness = readiness
  }
}

/// The answer of `/readyz`, in the form in which Kubernetes' own components give it.
struct ReadinessReport: Equatable {
  var isReady: Bool
  var text: String

  init(_ checks: [ReadinessCheck]) {
    let results = checks.map { (name: $0.name, readiness: $0.readiness()) }
    isReady = !results.contains { if case .notReady = $0.readiness { true } else { false } }
    let lines = results.map { name, readiness in
      switch readiness {
      case .ready: "[+]\(name) ok\n"
      case .readyAnd(let state): "[+]\(name) ok: \(state)\n"
      case .notReady(let reason): "[-]\(name) not ready: \(reason)\n"
      }
    }
    text = lines.joined() + (isReady ? "ready\n" : "not ready\n")
  }
}
