/// A firing alert of Prometheus.
public struct AlertTrigger: Hashable, Sendable, Codable {
  /// The name of a source of the policy or of the operator's configuration; `nil`: `default`.
  public var source: String?
  /// The alert's own name.
  public var name: String
  /// Labels that the alert must carry; values may use the placeholders of ``PromQLTemplate``.
  public var matchLabels: [String: String]

  public init(source: String? = nil, name: String, matchLabels: [String: String] = [:]) {
    self.source = source
    self.name = name
    self.matchLabels = matchLabels
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      source: try container.decodeIfPresent(String.self, forKey: .source),
      name: try container.decode(String.self, forKey: .name),
      matchLabels: try container.decodeIfPresent([String: String].self, forKey: .matchLabels) ?? [:])
  }

  /// How many of the alerts fire, as Prometheus itself records them in the series `ALERTS`
  /// (https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime).
  /// A sum over nothing would be no data, and no firing alert is what is wished for.
  public var promql: String {
    let labels = matchLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
    let matchers = (["alertname=\(Self.quoted(name))", "alertstate=\"firing\""] + labels).joined(separator: ",")
    return "sum(ALERTS{\(matchers)}) or vector(0)"
  }

  /// As a string literal. Braces stay: the placeholders in it are of the author's own choice.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
