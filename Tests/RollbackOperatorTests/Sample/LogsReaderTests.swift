import FoundationEssentials
import KubernetesClient
import RollbackCore
import Synchronization
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Lines of logs", .timeLimit(.minutes(2)))
struct LogsReaderTests {
  /// What the pods have written, and who asked for what.
  private final class Kubelet: Sendable {
    let logs = Mutex<[String: [(seconds: Double, text: String)]]>([:])
    let refusal = Mutex<ScriptedTransport.Answer?>(nil)

    func write(_ pod: String, at seconds: Double, _ text: String) {
      logs.withLock { $0[pod, default: []].append((seconds, text)) }
    }

    func answer(_ request: TransportRequest) -> ScriptedTransport.Answer? {
      let parts = request.path.split(separator: "?").map(String.init)
      let names = logs.withLock { $0.keys.sorted() }
      guard parts[0].hasSuffix("/log") else {
        return SampleScene.list(names.map { SampleScene.pod($0, [["name": "web"], ["name": "sidecar"]]) })
      }
      if let refusal = refusal.withLock({ $0 }) { return refusal }
      let pod = String(parts[0].split(separator: "/").dropLast().last ?? "")
      let lines = logs.withLock { $0[pod] ?? [] }
      var since = testStart
      if let text = parts[1].split(separator: "&").first(where: { $0.hasPrefix("sinceTime=") }) {
        let time = String(text.dropFirst(10)).replacing("%3A", with: ":")
        since = Timestamp.date(time) ?? .distantFuture
      }
      let text = lines.map { (testStart.addingTimeInterval($0.seconds), $0.text) }.filter { $0.0 >= since }
        .map { "\(Timestamp.micros($0.0)) \($0.1)\n" }.joined()
      return .response(
        TransportResponse(status: 200, headers: [("Content-Type", "text/plain")], body: Array(text.utf8)))
    }
  }

  private let kubelet = Kubelet()
  private let scene: SampleScene
  private let reader: LogsReader

  init() {
    scene = SampleScene { [kubelet] request, _ in kubelet.answer(request) }
    reader = LogsReader(client: scene.client, clock: scene.clock)
  }

  private func read(_ pattern: String = "ERROR", container: String? = nil) async -> MeasurementResult {
    await reader.read(
      LogsMeasurement(pods: SampleScene.pods, container: container, pattern: pattern), interval: .seconds(10))
  }

  private func after(_ seconds: Int) async throws { try await scene.clock.sleep(for: .seconds(seconds)) }

  @Test("Lines of all pods are counted once each, per second since the last reading")
  func rate() async throws {
    kubelet.write("a", at: 1, "ERROR 1")
    kubelet.write("a", at: 2, "fine")
    kubelet.write("b", at: 2.5, "ERROR 2")
    #expect(await read().outcome == .value(0.2))
    #expect(scene.transport.paths.filter { $0.contains("sinceSeconds=10") }.count == 2)
    try await after(10)
    // In the second that the last line was of, and later.
    kubelet.write("a", at: 2.75, "ERROR 3")
    kubelet.write("a", at: 11, "ERROR 4")
    #expect(await read().outcome == .value(0.2))
    #expect(scene.transport.paths.contains { $0.contains("sinceTime=2026-01-01T00%3A00%3A02Z") })
    try await after(10)
    #expect(await read().outcome == .value(0))
    try await after(20)
    kubelet.write("b", at: 30, "ERROR 5")
    #expect(await read().outcome == .value(0.05))
  }

  @Test("What could not be read is counted with the next reading")
  func outage() async throws {
    kubelet.write("a", at: 1, "start")
    #expect(await read().outcome == .value(0))
    try await after(10)
    kubelet.write("a", at: 9, "ERROR")
    kubelet.refusal.withLock { $0 = .status(500, "InternalError") }
    #expect(await read().failure != nil)
    kubelet.refusal.withLock { $0 = nil }
    try await after(10)
    #expect(await read().outcome == .value(0.05))
  }

  @Test("The first container is read, or the one that is named; one that does not exist is said")
  func container() async throws {
    kubelet.write("a", at: 1, "x")
    _ = await read()
    _ = await read(container: "sidecar")
    #expect(scene.transport.paths.contains { $0.contains("/pods/a/log?container=web&") })
    #expect(scene.transport.paths.contains { $0.contains("/pods/a/log?container=sidecar&") })
    #expect(await read(container: "db").failure == "the pods have no container db; there is web, sidecar")
  }

  @Test("Pods that have no log yet say nothing; what is forbidden is said")
  func nothing() async throws {
    #expect(await read().silence == "there is no pod of the revision")
    kubelet.write("a", at: 1, "x")
    kubelet.refusal.withLock { $0 = .status(400, "BadRequest", "container is waiting to start") }
    #expect(await read().silence == "no container of the revision's pods has started yet")
    kubelet.refusal.withLock { $0 = .status(403, "Forbidden") }
    #expect(await read().failure?.contains("grant it get of pods/log") == true)
    #expect(await read("(").failure?.hasPrefix("the pattern is wrong at character 1") == true)
  }

  @Test("A log that is cut counts as at least so much, and goes on where it was cut")
  func cut() throws {
    let first = LogPart(
      "2026-01-01T00:00:01.000000001Z a\n2026-01-01T00:00:01.000000002Z b\n2026-01-01T00:00:01.00", after: nil,
      isCut: true, seconds: 1, readAt: .zero)
    #expect(first.lines == ["a", "b"])
    let second = LogPart(
      "2026-01-01T00:00:01.000000001Z a\n2026-01-01T00:00:01.000000002Z b\n2026-01-01T00:00:01.000000003Z c\n",
      after: first.end.last, isCut: false, seconds: 1, readAt: .zero)
    #expect(second.lines == ["c"])
  }
}
