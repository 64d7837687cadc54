import KubernetesClient
import Metrics
import MetricsTestKit
import TestSupport
import Testing

@testable import ControllerRuntime

@Suite("Metrics", .timeLimit(.minutes(2)))
struct MetricsTests {
  let clock = ManualClock()
  let metrics = TestMetrics()

  @Test("A work queue counts what dashboards ask for, with its name as the only label")
  func workQueue() async throws {
    let queue = withMetricsFactory(metrics) { WorkQueue<String>(name: "policies", clock: clock, logger: .quiet) }
    queue.add("a", .act)
    queue.add("a", .act)
    queue.add("b", .act)
    let name = [("name", "policies")]
    #expect(try metrics.expectGauge("workqueue_depth", name).lastValue == 2)
    try await withThrowingDiscardingTaskGroup { group in
      clock.advance(by: .seconds(3))
      group.addTask {
        await queue.run(workers: 1) { [clock] key in
          clock.advance(by: .milliseconds(250))
          return key == "a" ? .failed(TestFailure()) : .settled
        }
      }
      try await until { queue.depth == 0 && queue.running == 0 }
      queue.shutDown()
    }
    #expect(try metrics.expectCounter("workqueue_adds_total", name).totalValue == 2)
    #expect(try metrics.expectCounter("workqueue_retries_total", name).totalValue == 1)
    #expect(try metrics.expectTimer("workqueue_queue_duration_seconds", name).values.first == 3_000_000_000)
    #expect(try metrics.expectTimer("workqueue_work_duration_seconds", name).values == [250_000_000, 250_000_000])
    for (result, count) in [("success", 1), ("error", 1)] as [(String, Int64)] {
      let labels = [("controller", "policies"), ("result", result)]
      #expect(try metrics.expectCounter("controller_runtime_reconcile_total", labels).totalValue == count)
    }
    let errors = try metrics.expectCounter("controller_runtime_reconcile_errors_total", [("controller", "policies")])
    #expect(errors.totalValue == 1)
  }

  @Test("Stores count their objects, several of one kind together")
  func stores() throws {
    let stores = withMetricsFactory(metrics) { StoreMetrics(resource: "pods") }
    stores.changed(objects: 5, undecodable: 1)
    stores.changed(objects: -2, undecodable: 0)
    let labels = [("resource", "pods")]
    #expect(try metrics.expectGauge("rollback_store_objects", labels).lastValue == 3)
    #expect(try metrics.expectGauge("rollback_store_undecodable_objects", labels).lastValue == 1)
  }

  @Test("The leader says so")
  func leader() async throws {
    let server = FakeLeaseServer()
    let lock = FakeLeaseLock(server, clock: clock)
    let elector = withMetricsFactory(metrics) {
      LeaderElector(lock: lock, identity: "me", clock: clock, logger: .quiet)
    }
    let gauge = try metrics.expectGauge("leader_election_master_status", [("name", "operator")])
    #expect(gauge.lastValue == 0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try? await elector.run() }
      try await until { elector.isLeading }
      try await until { gauge.lastValue == 1 }
      group.cancelAll()
    }
    #expect(gauge.lastValue == 0)
  }
}
