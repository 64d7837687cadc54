import FoundationEssentials
import KubernetesClient
import LocalCluster
import RollbackOperator
import SimulatedCluster
import Synchronization

/// Everything but the API server that operators may ask, in virtual time: a Prometheus, a monitor that serves numbers
/// as JSON, and the health endpoints of the workloads. What they say follows from what the simulated pods are.
public final class MetricWorld: Sendable {
  /// Where the operator's configuration finds Prometheus.
  static let prometheusHost = "prometheus.monitoring.svc"
  /// Where `https://monitor.example.com/errors/DEPLOYMENT` is.
  static let monitorHost = "monitor.example.com"

  /// What was asked and answered.
  struct Answer: Sendable {
    /// `nil`: nobody is there.
    var response: OutboundResponse?
    /// What the answer says, by what it is about.
    var readings: [(key: Evidence.Key, at: Date, said: Evidence.Said)] = []
  }

  public let evidence = Evidence()
  public let questions = QuestionLog()
  let history: PodHistory
  private let prometheus: SimulatedPrometheus
  private let server: SimulatedAPIServer
  private let outage = Mutex<MetricFault?>(nil)
  private let lies = Mutex<[Date]>([])

  init(_ server: SimulatedAPIServer) {
    self.server = server
    history = PodHistory(server)
    prometheus = SimulatedPrometheus(history)
    server.setTelemetry(PodTelemetryAPI(history, now: server.now))
  }

  /// What becomes of every question to a monitor, whatever else was drawn; `nil`: they are answered.
  var outageOfMonitors: MetricFault? {
    get { outage.withLock { $0 } }
    set { outage.withLock { $0 = newValue } }
  }

  /// Whether a source has answered something else than what it knows, within seconds of the simulation.
  func hasLied(from start: Double = 0, to end: Double = .infinity) -> Bool {
    lies.withLock { $0.contains { (start...end).contains($0.timeIntervalSince(SimulatedClock.epoch)) } }
  }

  /// Whom a request is for; `nil`: nobody has this name.
  static func kind(of url: OutboundURL) -> MetricSourceKind? {
    switch url.host.description {
    case prometheusHost: .prometheus
    case monitorHost: .value
    case let host where host.hasSuffix(".\(World.namespace).svc"): .probe
    default: nil
    }
  }

  /// Takes down that somebody asks.
  ///
  /// - Parameter life: which life of which process it is.
  func note(_ request: OutboundRequest, by life: String) {
    var question = "\(request.url)\(request.url.pathAndQuery.prefix { $0 != "?" })"
    if let query = SimulatedPrometheus.fields(request.body ?? [])["query"] { question += " \(query)" }
    questions.note(question, by: life, at: server.now())
  }

  /// What is answered now, by a source that works or has one of the faults that concern what it says.
  ///
  /// - Parameter pick: a number below the bound, for which of many pods is asked.
  func answer(_ request: OutboundRequest, _ fault: MetricFault?, pick: (Int) -> Int) -> Answer {
    let now = server.now()
    switch fault {
    case .answer, .stale, .clockAhead: lies.withLock { $0.append(now) }
    default: break
    }
    let path = String(request.url.pathAndQuery.prefix { $0 != "?" })
    switch Self.kind(of: request.url) {
    case .prometheus: return askPrometheus(path, SimulatedPrometheus.fields(request.body ?? []), fault, now)
    case .value: return askMonitor(path, "\(request.url)\(path)", fault, now)
    case .probe: return probe(request.url.host.description, pick, now)
    case nil: return Answer()
    }
  }

  // MARK: Prometheus

  private func askPrometheus(
    _ path: String, _ fields: [String: String], _ fault: MetricFault?, _ now: Date
  ) -> Answer {
    var fields = fields
    var moment = now
    var isHonest = true
    let isRange = path.hasSuffix("_range")
    switch fault {
    case .stale(let age) where !isRange: moment = now - age / .seconds(1)
    case .clockAhead(let time):
      isHonest = false
      // Who asks for a time by his own clock gets what was written down under that time by the wrong one.
      for name in ["start", "end"] where isRange {
        fields[name] = fields[name].flatMap(Double.init).map { "\($0 - time / .seconds(1))" }
      }
    default: break
    }
    let answer = prometheus.answer(path, fields, at: moment)
    var body = answer.body
    if case .clockAhead(let time) = fault { body = MetricFault.shifted(body, by: time / .seconds(1)) }
    if case .answer(let kind) = fault {
      isHonest = false
      body = kind.prometheusBody(body)
    }
    let response = OutboundResponse(status: answer.status, contentType: "application/json", body: body)
    guard isHonest, answer.status == 200, let query = fields["query"].flatMap(SimulatedPrometheus.Query.init) else {
      return Answer(response: response)
    }
    var said: [String: [Date: [Double]]] = [:]
    let whose = query.series.matchers["deployment"] ?? ""
    for (at, point) in answer.points {
      said[point.labels["deployment"] ?? whose, default: [:]][at, default: []].append(point.value)
    }
    let signal = query.series.matchers["alertname"].map { "ALERTS/\($0)" } ?? query.series.name
    let revision = query.series.matchers["pod_template_hash"] ?? ""
    let readings = said.sorted { $0.key < $1.key }.flatMap { deployment, values in
      let key = Evidence.Key(signal: signal, deployment: deployment, revision: revision)
      return values.sorted { $0.key < $1.key }.map { (key: key, at: $0.key, said: Evidence.Said.values($0.value)) }
    }
    return Answer(response: response, readings: readings)
  }

  // MARK: Monitor

  /// The share of requests that failed within the last minute.
  private func askMonitor(_ path: String, _ url: String, _ fault: MetricFault?, _ now: Date) -> Answer {
    let deployment = path.split(separator: "/").last.map(String.init) ?? ""
    let series = RecordedSeries(
      #"workload:http_errors:ratio_rate1m{namespace="\#(World.namespace)",deployment="\#(deployment)"}"#)
    let value = series?.points(of: history.pods, at: now).first?.value
    var document: JSONValue = ["errors": ["rate": value.map { $0.isFinite ? JSONValue($0) : "NaN" } ?? nil]]
    if case .answer(let kind) = fault {
      guard let wrong = kind.monitorDocument else {
        return Answer(response: OutboundResponse(status: 200, body: kind.text(instead: document.serialized())))
      }
      document = wrong
      return Answer(response: OutboundResponse(status: 200, body: document.serialized()))
    }
    let response = OutboundResponse(status: 200, contentType: "application/json", body: document.serialized())
    guard let value else { return Answer(response: response) }
    return Answer(response: response, readings: [(Evidence.Key(signal: url), now, .values([value]))])
  }

  // MARK: Health

  /// One of the pods behind a Service answers.
  private func probe(_ host: String, _ pick: (Int) -> Int, _ now: Date) -> Answer {
    let name = String(host.split(separator: ".").first ?? "")
    let key = Evidence.Key(signal: "probe/\(name)")
    let selector = server.object(.services, World.namespace, name)?.at("/spec/selector")?.object ?? [:]
    let pods = history.pods.filter { pod in
      pod.namespace == World.namespace && pod.isServing(at: now)
        && selector.allSatisfy { pod.labels[$0.key] == $0.value.string }
    }
    guard !pods.isEmpty else { return Answer(response: nil, readings: [(key, now, .check(false))]) }
    let signals = pods[pick(pods.count)].signals(at: now)
    let response = OutboundResponse(
      status: signals.healthStatus, contentType: "application/json", body: Array(signals.health.utf8))
    let isHealthy = (200..<300).contains(signals.healthStatus) && signals.health == PodSignals.good.health
    return Answer(response: response, readings: [(key, now, .check(isHealthy))])
  }
}
