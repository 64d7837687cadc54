import FoundationEssentials
import KubernetesClient

/// What those who measure a simulated pod see of it: its metrics, logs, usage and health, as annotations say.
///
/// | annotation `simulator.rollback-operator.io/…` | meaning |
/// | --- | --- |
/// | `error-rate` | share of requests that are answered with status 500, from `0` to `1`; `0` if absent |
/// | `latency` | how long every request takes; `20ms` if absent |
/// | `memory` | memory in use, as a Kubernetes quantity; `64Mi` if absent |
/// | `cpu` | processor time in use, as a Kubernetes quantity; `10m` if absent |
/// | `log-lines` | all lines of this text are logged every second; none if absent |
/// | `health` | JSON that the health endpoint answers with; `{"status":"ok"}` if absent |
/// | `health-status` | HTTP status that it answers with; `200` if absent |
/// | `metrics` | the application's own metrics, one `NAME VALUE` on each line; none if absent, see ``PodMetric`` |
public struct PodSignals: Sendable, Equatable {
  public var errorRate: Double
  public var latency: Duration
  /// In bytes.
  public var memory: Int64
  /// In cores.
  public var cpu: Double
  /// Logged every second.
  public var logLines: [String]
  /// A JSON text.
  public var health: String
  public var healthStatus: Int
  /// The application's own metrics.
  public var metrics: [PodMetric]

  public init(
    errorRate: Double = 0, latency: Duration = .milliseconds(20), memory: Int64 = 64 << 20, cpu: Double = 0.01,
    logLines: [String] = [], health: String = #"{"status":"ok"}"#, healthStatus: Int = 200,
    metrics: [PodMetric] = []
  ) {
    self.errorRate = errorRate
    self.latency = latency
    self.memory = memory
    self.cpu = cpu
    self.logLines = logLines
    self.health = health
    self.healthStatus = healthStatus
    self.metrics = metrics
  }

  /// What is measured of a good pod.
  public static let good = PodSignals()

  /// `nil` when no annotation of these is given.
  init?(_ reader: AnnotationReader) throws(InvalidBehaviour) {
    let errorRate = try reader.value("error-rate", expected: "a number from 0 to 1") { text in
      Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
    }
    let latency = try reader.duration("latency")
    let memory = try reader.value("memory", expected: "a quantity such as 480Mi") { text in
      Quantity(text).flatMap { Int64(exactly: $0.value.rounded(.up)) }
    }
    let cpu = try reader.value("cpu", expected: "a quantity such as 250m") { Quantity($0)?.value }
    let logLines = try reader.value("log-lines", expected: "a text with 1 to 100 lines") { text in
      let lines = text.split(separator: "\n").map(String.init)
      return (1...100).contains(lines.count) ? lines : nil
    }
    let health = try reader.value("health", expected: "a JSON text") { text in
      (try? JSONValue(parsing: text)).map { _ in text }
    }
    let healthStatus = try reader.value("health-status", expected: "an HTTP status from 200 to 599") { text in
      Int(text).flatMap { (200...599).contains($0) ? $0 : nil }
    }
    let metrics = try reader.value("metrics", expected: PodMetric.expected) { PodMetric.list($0) }
    let given: [Any?] = [errorRate, latency, memory, cpu, logLines, health, healthStatus, metrics]
    guard given.contains(where: { $0 != nil }) else { return nil }
    let good = Self.good
    self.init(
      errorRate: errorRate ?? good.errorRate, latency: latency ?? good.latency, memory: memory ?? good.memory,
      cpu: cpu ?? good.cpu, logLines: logLines ?? good.logLines, health: health ?? good.health,
      healthStatus: healthStatus ?? good.healthStatus, metrics: metrics ?? good.metrics)
  }
}

/// A Kubernetes quantity that is not negative and below 2^60: digits, maybe with a fraction, and a suffix.
struct Quantity {
  let value: Double

  private static let suffixes: [String: Double] = [
    "": 1, "m": 0.001, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 1_024, "Mi": 1_048_576, "Gi": 1_073_741_824,
    "Ti": 1_099_511_627_776,
  ]

  init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    guard let factor = Self.suffixes[String(text.dropFirst(digits.count))], digits.first?.isNumber == true,
      let number = Double(digits), number * factor < Double(1 << 60)
    else { return nil }
    value = number * factor
  }
}
