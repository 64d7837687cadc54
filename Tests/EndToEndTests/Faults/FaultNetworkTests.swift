import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// How an API server, or what stands before it, refuses a request.
struct Refusal: Sendable, CustomTestStringConvertible {
  var status: Int
  var reason: String
  var retryAfter: Int?

  var testDescription: String { "\(status) \(reason)" + (retryAfter.map { ", Retry-After: \($0)" } ?? "") }
  var action: FaultAction { .refuse(status: status, reason: reason, retryAfter: retryAfter) }

  static let ofWrites = [
    Refusal(status: 429, reason: "TooManyRequests", retryAfter: 1),
    Refusal(status: 503, reason: "ServiceUnavailable", retryAfter: 1),
    Refusal(status: 500, reason: "InternalError"),
    Refusal(status: 409, reason: "Conflict"),
    Refusal(status: 404, reason: ""),
  ]
  static let ofWatches = [
    Refusal(status: 410, reason: "Expired"), Refusal(status: 429, reason: "TooManyRequests", retryAfter: 1),
    Refusal(status: 500, reason: "InternalError"), Refusal(status: 503, reason: "ServiceUnavailable"),
    Refusal(status: 404, reason: ""),
  ]
}

@Suite("Bad connections to the API server delay a rollback and spoil nothing", .showsLogs, .timeLimitOfQueue)
struct FaultNetworkTests {
  static let writes = [
    "POST rollbackevents", "PATCH rollbackevents/status", "PATCH deployments", "PATCH replicasets",
    "PATCH rollbackpolicies/status",
  ]

  @Test("A write that is refused twice", arguments: writes, Refusal.ofWrites)
  func refusedWrite(kind: String, refusal: Refusal) async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.protect()
      let refused = FaultCounter()
      proxy.setRule { request in
        guard request.write == kind, refused.next() <= 2 else { return .forward }
        return refusal.action
      }
      try await scene.rollOut(.bad(2))
      try await scene.isAsUndisturbed()
      try await eventually("it is tried again") { Progress(refused.value > 2, "\(refused.value)") }
    }
  }

  @Test("Watches that are cut and refused when they come back", arguments: Refusal.ofWatches)
  func refusedWatch(refusal: Refusal) async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.protect()
      let refused = FaultCounter()
      proxy.setRule { request in
        // One for each kind that is watched, and some more.
        guard request.isWatch, refused.next() <= 7 else { return .forward }
        return refusal.action
      }
      proxy.cut()
      try await scene.rollOut(.bad(2))
      try await scene.isAsUndisturbed()
      #expect(refused.value > 4)
    }
  }

  @Test("Silent connections that stay open are noticed, and what happened meanwhile is acted upon")
  func halfOpen() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.protect()
      proxy.freeze()
      // What had come through already may still be read.
      try await Task.sleep(for: .seconds(1))
      let before = proxy.requests.count
      try await scene.rollOut(.bad(2))
      try await Task.sleep(for: .seconds(15))
      #expect(proxy.requests.count == before, "nothing came through")
      proxy.thaw()
      try await scene.isAsUndisturbed()
    }
  }

  @Test("The connection falls silent when the undo is sent: a fix rolled out meanwhile stays")
  func halfOpenAtUndo() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      let instance = try await scene.startOperator(through: proxy)
      try await scene.protect()
      let arrived = FaultGate()
      proxy.setRule { request in
        guard request.isTemplatePatch else { return .forward }
        proxy.freeze()
        await arrived.open()
        // Until the operator gives the connection up.
        try? await Task.sleep(for: .seconds(600))
        return .drop
      }
      try await scene.rollOut(.bad(2))
      await arrived.wait()
      try await scene.rollOutAndWait(.good(3))
      proxy.thaw()
      try await scene.event(.superseded, within: .seconds(90))
      #expect(try await scene.version() == 3)
      #expect(try scene.templatePatches() == 0)
      #expect(instance.exit == nil)
    }
  }

  @Test("The connection falls silent after the undo was done: it is found out and not done again")
  func halfOpenAfterUndo() async throws {
    try await Scene.playBehindProxy { scene, proxy in
      try await scene.startOperator(through: proxy)
      try await scene.protect()
      let undone = FaultCounter()
      proxy.setRule { request in
        guard request.isTemplatePatch, undone.next() == 1 else { return .forward }
        return .forward(after: { proxy.freeze() })
      }
      try await scene.rollOut(.bad(2))
      try await scene.runs(1)
      try await eventually("the undo is done") { Progress(undone.value == 1, "not yet") }
      try await Task.sleep(for: .seconds(10))
      proxy.thaw()
      try await scene.isAsUndisturbed()
    }
  }
}
