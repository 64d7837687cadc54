@testable import KubernetesClient

/// What the tests of the states of a watch have in common.
protocol WatchMachineTesting {}

extension WatchMachineTesting {
  typealias Machine = WatchMachine

  /// A machine whose first list was answered and whose watch is open, at resource version 10.
  func watching(at now: Duration = .zero, options: WatchOptions = WatchOptions()) -> Machine {
    var machine = Machine(options: options, subject: "pods")
    _ = machine.resume(jitter: 0)
    _ = machine.pageReceived(resourceVersion: "10", continueToken: nil, jitter: 0)
    machine.streamOpened(at: now)
    return machine
  }

  func streaming() -> Machine {
    var machine = Machine(options: WatchOptions(), subject: "pods")
    machine.usesStreamedLists = true
    _ = machine.resume(jitter: 0)
    machine.streamOpened(at: .zero)
    return machine
  }

  static func error(_ code: KubernetesError.Code, retryAfter: Duration? = nil) -> KubernetesError {
    KubernetesError(code, request: "WATCH pods", reason: "test", retryAfter: retryAfter)
  }

  static var tooLargeVersion: KubernetesError {
    KubernetesError(
      status: Status(
        reason: "Timeout", code: 504, details: .init(causes: [.init(reason: "ResourceVersionTooLarge")])),
      request: "WATCH pods")
  }

  func told(_ step: Machine.Step) -> [String] {
    step.emissions.map {
      switch $0 {
      case .relistStarted: "started"
      case .page: "page"
      case .relistDone(let version): "done \(version)"
      case .interrupted(let error): "interrupted \(error.code)"
      }
    }
  }

  func step(_ verdict: Machine.Verdict) -> Machine.Step? {
    if case .leave(let step) = verdict { step } else { nil }
  }

  func list(_ notOlderThan: String?, _ token: String? = nil) -> Machine.Operation {
    .list(.init(notOlderThan: notOlderThan, continueToken: token))
  }

  func watch(_ version: String?, initial: Bool = false, idle: Duration = .seconds(315)) -> Machine.Operation {
    .watch(
      .init(resourceVersion: version, sendsInitialEvents: initial, duration: .seconds(240), idleTimeout: idle))
  }
}
