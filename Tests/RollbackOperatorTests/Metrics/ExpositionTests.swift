import CoreMetrics
import Testing

@testable import RollbackOperator

@Suite("Metrics in Prometheus' text format")
struct ExpositionTests {
  let metrics = PrometheusMetrics(
    descriptions: [
      MetricDescription("events_total", "Events, \\ by\nkind"),
      MetricDescription("wait_seconds", "Time waited", buckets: [0.001, 0.5, 1]),
      MetricDescription("bounded", "At most two", seriesLimit: 2),
    ], includesProcess: false)

  @Test("A counter has its help, its type and its labels by name")
  func counters() {
    Counter(label: "events_total", dimensions: [("kind", "b"), ("a", "x")], factory: metrics).increment(by: 3)
    Counter(label: "events_total", dimensions: [("a", "x"), ("kind", "b")], factory: metrics).increment()
    Counter(label: "events_total", dimensions: [("kind", "a"), ("a", "x")], factory: metrics).increment()
    #expect(
      metrics.exposition() == """
        # HELP events_total Events, \\\\ by\\nkind
        # TYPE events_total counter
        events_total{a="x",kind="a"} 1
        events_total{a="x",kind="b"} 4

        """)
  }

  @Test("Gauges, meters and recorders that do not aggregate are gauges; the last value counts")
  func gauges() {
    let gauge = Gauge(label: "depth", factory: metrics)
    gauge.record(7)
    gauge.record(2.5)
    let meter = Meter(label: "level", factory: metrics)
    meter.set(10)
    meter.decrement(by: 12.0)
    Recorder(label: "odd", aggregate: false, factory: metrics).record(-Double.infinity)
    #expect(
      metrics.exposition() == """
        # TYPE depth gauge
        depth 2.5
        # TYPE level gauge
        level -2
        # TYPE odd gauge
        odd -Inf

        """)
  }

  @Test("Timers and aggregating recorders are histograms with cumulative buckets")
  func histograms() {
    let timer = Timer(label: "wait_seconds", dimensions: [("queue", "q")], factory: metrics)
    timer.recordNanoseconds(1_000_000)
    timer.recordMilliseconds(400)
    timer.recordSeconds(2)
    Recorder(label: "wait_seconds", dimensions: [("queue", "q")], factory: metrics).record(0.5)
    Recorder(label: "wait_seconds", dimensions: [("queue", "q")], factory: metrics).record(Double.nan)
    #expect(
      metrics.exposition() == """
        # HELP wait_seconds Time waited
        # TYPE wait_seconds histogram
        wait_seconds_bucket{queue="q",le="0.001"} 1
        wait_seconds_bucket{queue="q",le="0.5"} 3
        wait_seconds_bucket{queue="q",le="1"} 3
        wait_seconds_bucket{queue="q",le="+Inf"} 4
        wait_seconds_sum{queue="q"} 2.901
        wait_seconds_count{queue="q"} 4

        """)
  }

  @Test("Buckets begin at a millisecond and ascend", arguments: MetricDescription.catalogue.map(\.name))
  func buckets(name: String) throws {
    let description = try #require(MetricDescription.catalogue.first { $0.name == name })
    #expect(description.buckets.first == 0.001)
    #expect(description.buckets == description.buckets.sorted())
    #expect(Set(description.buckets).count == description.buckets.count)
    #expect(!description.help.isEmpty && !description.help.hasSuffix("."))
    #expect(LabelSet.metricName(name) == name)
  }

  @Test("Fractions are counted, and what is not a growth is not")
  func counting() {
    let counter = FloatingPointCounter(label: "spent_total", factory: metrics)
    counter.increment(by: 0.25)
    counter.increment(by: -3.0)
    counter.increment(by: Double.nan)
    #expect(metrics.exposition().hasSuffix("spent_total 0.25\n"))
    counter.reset()
    #expect(metrics.exposition().hasSuffix("spent_total 0\n"))
  }

  @Test("Label values cannot break out of their quotes")
  func escaping() {
    let value = "a\"} 1\nevil 2\\"
    Counter(label: "events_total", dimensions: [("v", value)], factory: metrics).increment()
    #expect(metrics.exposition().hasSuffix("events_total{v=\"a\\\"} 1\\nevil 2\\\\\"} 1\n"))
  }

  @Test(
    "Names become valid",
    arguments: [
      ("http.requests", "http_requests"), ("1st", "_1st"), ("a:b", "a:b"), ("größe", "gr__e"), ("", "_"),
    ])
  func names(name: String, valid: String) {
    Counter(label: name, factory: metrics).increment()
    #expect(metrics.exposition() == "# TYPE \(valid) counter\n\(valid) 1\n")
  }

  @Test("Labels that belong to Prometheus get another name")
  func labelNames() {
    #expect(LabelSet([("le", "1"), ("__name__", "x"), ("a:b", "y")]).text == "_name__=\"x\",a_b=\"y\",le_=\"1\"")
  }

  @Test("Past its limit a metric refuses series, counts them, and takes new ones when old ones are gone")
  func limit() {
    let first = Gauge(label: "bounded", dimensions: [("n", "1")], factory: metrics)
    first.record(1)
    Gauge(label: "bounded", dimensions: [("n", "2")], factory: metrics).record(2)
    let third = Gauge(label: "bounded", dimensions: [("n", "3")], factory: metrics)
    third.record(3)
    let full = """
      # HELP bounded At most two
      # TYPE bounded gauge
      bounded{n="1"} 1
      bounded{n="2"} 2
      # TYPE rollback_metrics_refused_total counter
      rollback_metrics_refused_total{metric="bounded"} 1

      """
    #expect(metrics.exposition() == full)
    third.destroy()
    #expect(metrics.exposition() == full)
    first.destroy()
    Gauge(label: "bounded", dimensions: [("n", "3")], factory: metrics).record(3)
    #expect(metrics.exposition().contains("bounded{n=\"2\"} 2\nbounded{n=\"3\"} 3\n"))
  }

  @Test("A name that is another kind of metric is refused, and stands once")
  func kinds() {
    Counter(label: "events_total", factory: metrics).increment()
    Gauge(label: "events_total", factory: metrics).record(9)
    Timer(label: "events_total", factory: metrics).recordSeconds(9)
    let text = metrics.exposition()
    #expect(text.contains("\nevents_total 1\n"))
    #expect(text.contains("rollback_metrics_refused_total{metric=\"events_total\"} 2\n"))
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("# TYPE events_total") }.count == 1)
  }

  @Test("More names than a program has are refused")
  func families() {
    for number in 0..<400 { Counter(label: "c\(number)", factory: metrics).increment() }
    let types = metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
    #expect(types.count == MetricRegistry.familyLimit + 1)
    #expect(metrics.exposition().contains("rollback_metrics_refused_total{metric=\"other\"} 100\n"))
    Gauge(label: MetricRegistry.refusedName, factory: metrics).record(1)
    #expect(metrics.exposition().contains("rollback_metrics_refused_total{metric=\"other\"} 100\n"))
  }

  @Test("Series are gone after destroy, and the metric with the last of them")
  func destroyed() {
    let all: [() -> Void] = [
      Counter(label: "a", factory: metrics).destroy, FloatingPointCounter(label: "b", factory: metrics).destroy,
      Meter(label: "c", factory: metrics).destroy, Recorder(label: "d", factory: metrics).destroy,
      Timer(label: "e", factory: metrics).destroy,
    ]
    #expect(metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("# TYPE") }.count == 5)
    for destroy in all { destroy() }
    #expect(metrics.exposition().isEmpty)
  }

  @Test("No metric stands twice, and every line is a comment or a sample")
  func wellFormed() {
    let metrics = PrometheusMetrics()
    Counter(label: "process_open_fds", factory: metrics).increment()
    let own = OperatorMetrics(factory: metrics)
    own.rollbackHeld(reason: "Cooldown")
    own.requestEnded(method: "GET", status: 200)
    let lines = metrics.exposition().split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last == "")
    let comments = lines.filter { $0.hasPrefix("#") }
    #expect(Set(comments).count == comments.count)
    for line in lines.dropLast() where !line.hasPrefix("#") {
      #expect(line.wholeMatch(of: #/[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? \S+/#) != nil, "\(line)")
    }
  }

  @Test(
    "Numbers",
    arguments: [
      (0.0, "0"), (-1.0, "-1"), (0.5, "0.5"), (.infinity, "+Inf"), (.nan, "NaN"), (9e15, "9000000000000000"),
      (1e300, "1e+300"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) {
    #expect(ExpositionWriter.number(value) == text)
  }
}
