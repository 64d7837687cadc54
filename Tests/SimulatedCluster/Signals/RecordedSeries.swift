public import FoundationEssentials

/// The series that the simulated Prometheus has, as recording rules and alerts would have made them:
///
/// | name | labels | value |
/// | --- | --- | --- |
/// | `workload:http_errors:ratio_rate1m` | `namespace`, `deployment` | share of requests that failed within a minute |
/// | `revision:http_errors:ratio_rate1m` | the same and `pod_template_hash` | the same of one revision |
/// | `workload:http_requests:increase1m` | `namespace`, `deployment` | requests within a minute |
/// | `ALERTS` | `alertname`, `alertstate`, `namespace`, `deployment` | 1 while `HighErrorRate` fires: above 5 % |
///
/// In place of `1m` there may be any number of `s` or `m`. What pods did that are gone is in the window until it has
/// passed.
public struct RecordedSeries: Sendable, Hashable {
  /// One value with its labels.
  public struct Point: Sendable {
    public var labels: [String: String]
    public var value: Double
  }

  /// The name in front of the braces.
  public let name: String
  /// What each label has to be.
  public let matchers: [String: String]
  private let level: Level
  private let quantity: Quantity
  private let window: TimeInterval

  private enum Level: Hashable {
    case workload
    case revision
  }

  private enum Quantity: Hashable {
    case errorRatio
    case requests
    case alerts
  }

  private static let alert = "HighErrorRate"
  private static let alertThreshold = 0.05

  /// Reads `NAME{LABEL="VALUE",…}`.
  ///
  /// - Returns: `nil` for every other text.
  public init?(_ text: String) {
    guard let brace = text.firstIndex(of: "{"), text.hasSuffix("}") else { return nil }
    name = String(text[..<brace])
    guard let matchers = Self.matchers(text[text.index(after: brace)...].dropLast()) else { return nil }
    self.matchers = matchers
    if name == "ALERTS" {
      (level, quantity, window) = (.workload, .alerts, 60)
      return
    }
    let parts = name.split(separator: ":")
    guard parts.count == 3, let level: Level = ["workload": .workload, "revision": .revision][parts[0]] else {
      return nil
    }
    self.level = level
    let (start, quantity): (String, Quantity) =
      parts[1] == "http_errors" ? ("ratio_rate", .errorRatio) : ("increase", .requests)
    guard parts[2].hasPrefix(start), let window = Self.seconds(parts[2].dropFirst(start.count)) else { return nil }
    self.quantity = quantity
    self.window = window
  }

  /// The values at a moment, those of each set of labels together.
  public func points(of pods: [MeasuredPod], at now: Date) -> [Point] {
    var groups: [[String: String]: Traffic] = [:]
    for pod in pods {
      var labels = ["namespace": pod.namespace, "deployment": pod.deployment]
      if level == .revision { labels["pod_template_hash"] = pod.hash }
      guard let traffic = pod.traffic(from: now - window, to: now) else { continue }
      groups[labels] = (groups[labels] ?? Traffic()) + traffic
    }
    let points = groups.compactMap { labels, traffic -> Point? in
      switch quantity {
      case .errorRatio: return Point(labels: labels, value: traffic.errorRatio)
      case .requests: return Point(labels: labels, value: traffic.requests)
      case .alerts:
        guard traffic.errorRatio > Self.alertThreshold else { return nil }
        let own = ["alertname": Self.alert, "alertstate": "firing"]
        return Point(labels: labels.merging(own) { $1 }, value: 1)
      }
    }
    return points.filter { point in matchers.allSatisfy { point.labels[$0.key] ?? "" == $0.value } }
      .sorted { Self.key($0.labels) < Self.key($1.labels) }
  }

  private static func key(_ labels: [String: String]) -> String {
    labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }

  private static func seconds(_ text: Substring) -> TimeInterval? {
    guard let unit: Double = ["s": 1, "m": 60][text.suffix(1)], let number = Double(text.dropLast()) else { return nil }
    return number * unit
  }

  /// `a="1",b="2"`, with the escapes of PromQL's strings.
  private static func matchers(_ text: Substring) -> [String: String]? {
    var matchers: [String: String] = [:]
    var rest = text
    while !rest.isEmpty {
      guard let equals = rest.firstIndex(of: "=") else { return nil }
      let label = String(rest[..<equals])
      rest = rest[rest.index(after: equals)...]
      guard rest.popFirst() == "\"" else { return nil }
      var value = ""
      while let character = rest.popFirst(), character != "\"" {
        guard character == "\\" else {
          value.append(character)
          continue
        }
        guard let escaped = rest.popFirst() else { return nil }
        value.append(escaped == "n" ? "\n" : escaped)
      }
      matchers[label] = value
      if rest.first == "," { rest.removeFirst() }
    }
    return matchers
  }
}
