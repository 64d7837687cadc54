import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import SimulatedCluster
import Testing

@testable import Simulation

@Suite("What can be asked of a simulated world", .timeLimit(.minutes(10)))
struct MetricWorldTests {
  /// A good release, and after a minute one that fails in three of ten requests.
  private func world() throws -> World {
    let world = World(engine: SimulationEngine(seed: 1), definitions: try World.definitions())
    world.deployMeasured()
    return world
  }

  private func ask(_ world: World, _ url: String, _ query: PrometheusQuery? = nil, _ fault: MetricFault? = nil) throws
    -> (response: OutboundResponse?, readings: [Evidence.Said])
  {
    var request = OutboundRequest(
      url: try OutboundURL(url), origin: .administrator, method: query == nil ? .get : .post, body: query?.form)
    if let query { request.url = request.url.appending(path: query.path) }
    let answer = world.metrics.answer(request, fault) { _ in 0 }
    return (answer.response, answer.readings.map(\.said))
  }

  private func share(_ world: World, _ series: String) throws -> Double? {
    let answer = try ask(world, "http://prometheus.monitoring.svc:9090", .instant(promQL: series))
    let response = try #require(answer.response)
    guard
      case .vector(let all) = try PrometheusAnswer(status: response.status, body: response.body, from: .instant)
    else { return nil }
    return all.first?.points.first?.value
  }

  private static let workload = #"workload:http_errors:ratio_rate1m{namespace="shop",deployment="web"}"#

  @Test("Old pods stay in the window of a rate until it has passed")
  func window() throws {
    let world = try world()
    world.engine.run(for: .seconds(55))
    #expect(try share(world, Self.workload) == 0)
    // Half of the window is the old pods'.
    world.engine.run(for: .seconds(45))
    let mixed = try #require(try share(world, Self.workload))
    #expect(mixed > 0.05 && mixed < 0.28)
    world.engine.run(for: .seconds(60))
    #expect(try #require(try share(world, Self.workload)) > 0.299)
    #expect(try share(world, #"workload:http_errors:ratio_rate1m{deployment="nobody"}"#) == nil)
  }

  @Test("A range holds what each moment's query would have said")
  func range() throws {
    let world = try world()
    world.engine.run(for: .seconds(200))
    let end = world.server.now()
    let query = PrometheusQuery.range(
      promQL: Self.workload, start: end.addingTimeInterval(-180), end: end, step: .seconds(20))
    let answer = try ask(world, "http://prometheus.monitoring.svc:9090", query)
    let response = try #require(answer.response)
    guard case .matrix(let series) = try PrometheusAnswer(status: 200, body: response.body, from: .range) else {
      Issue.record("no matrix")
      return
    }
    #expect(series.count == 1)
    #expect(series[0].points.count == 10)
    #expect(series[0].points.last?.value == (try share(world, Self.workload)))
    #expect(series[0].points.first?.value == 0)
    #expect(answer.readings.count == 10)
  }

  @Test("No traffic is no number, and a query that is not known is refused")
  func nothing() throws {
    let world = World(engine: SimulationEngine(seed: 1), definitions: try World.definitions())
    var silent = SimulatedWorkload(version: 1)
    silent.signals = ["requests-per-second": "0"]
    world.rollOut(silent)
    world.engine.run(for: .seconds(60))
    #expect(try share(world, Self.workload)?.isNaN == true)
    let answer = try ask(world, "http://prometheus.monitoring.svc:9090", .instant(promQL: "up"))
    #expect(answer.response?.status == 400)
    #expect(answer.readings == [])
  }

  @Test("An alert fires while its limit is passed, and none is zero")
  func alert() throws {
    let world = try world()
    let query = #"sum(ALERTS{alertname="HighErrorRate",alertstate="firing",deployment="web"}) or vector(0)"#
    world.engine.run(for: .seconds(50))
    #expect(try share(world, query) == 0)
    world.engine.run(for: .seconds(100))
    #expect(try share(world, query) == 1)
  }

  @Test("Health endpoints answer as a pod behind the Service does, and nobody does where there is none")
  func health() throws {
    let world = World(engine: SimulationEngine(seed: 1), definitions: try World.definitions())
    world.exposeWeb()
    world.deployMeasured(["health-status": "503"])
    #expect(try ask(world, "http://web.shop.svc/api/health").response == nil)
    world.engine.run(for: .seconds(50))
    #expect(try ask(world, "http://web.shop.svc/api/health").response?.status == 200)
    world.engine.run(for: .seconds(50))
    #expect(try ask(world, "http://web.shop.svc/api/health").response?.status == 503)
  }

  @Test("What pods use and log is read at the API server, by who may")
  func telemetry() throws {
    let world = World(engine: SimulationEngine(seed: 1), definitions: try World.definitions())
    world.deployMeasured(["memory": "300Mi", "log-lines": "ERROR out of cheese"])
    world.engine.run(for: .seconds(120))
    func get(_ path: String) -> TransportResponse {
      world.server.respond(
        to: TransportRequest(method: "GET", path: path, headers: [], timeout: .seconds(1)), user: "alice")
    }
    let usage = try JSONValue(parsing: get("/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods").body)
    #expect(usage["items"]?.array?.count == 2)
    #expect(usage.at("/items/0/containers/0/usage/memory") == "307200Ki")
    let pod = usage.at("/items/0/metadata/name")?.string ?? ""
    let path = "/api/v1/namespaces/shop/pods/\(pod)/log?sinceSeconds=10&limitBytes=10000"
    let lines = String(decoding: get(path).body, as: UTF8.self).split(separator: "\n")
    #expect((9...10).contains(lines.count))
    #expect(lines.allSatisfy { $0.hasSuffix(" ERROR out of cheese") })
    world.server.setAuthorizer { _, _, resource, _, _, _ in resource != .pods }
    #expect(get(path).status == 403)
  }

  @Test("A smoke test passes or fails as the pods that it tests", arguments: [("200", "Complete"), ("500", "Failed")])
  func smokeTest(status: String, end: String) throws {
    let world = World(engine: SimulationEngine(seed: 1), definitions: try World.definitions())
    world.deployMeasured(["health-status": status])
    world.engine.run(for: .seconds(120))
    let hash = world.server.objects(.pods, "shop").first?.at("/metadata/labels/pod-template-hash") ?? ""
    let container: JSONValue = ["name": "a", "env": [["name": "ROLLBACK_HASH", "value": hash]]]
    try world.server.create(
      .jobs, "shop",
      ["metadata": ["name": "test"], "spec": ["template": ["spec": ["containers": [container]]]]], user: "alice")
    world.engine.run(for: .seconds(10))
    #expect(
      world.server.object(.jobs, "shop", "test")?.at("/status/conditions/0/type") == .string(end))
  }
}
