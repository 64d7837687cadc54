/// How a Prometheus beside a local cluster is configured.
public struct PrometheusOptions: Sendable {
  public var scrapeInterval: Duration
  public var evaluationInterval: Duration
  /// A rule file's whole text, in YAML; `nil` for no rules.
  public var rules: String?
  /// Further addresses to scrape at `/metrics`, as `host:port`.
  public var targets: [String]
  /// Further command line arguments.
  public var arguments: [String]
  /// Where `prometheus` is; `nil`: `PROMETHEUS_BIN`, else what `make binaries` fetched.
  public var folder: String?

  public init(
    scrapeInterval: Duration = .seconds(1), evaluationInterval: Duration = .seconds(1), rules: String? = nil,
    targets: [String] = [], arguments: [String] = [], folder: String? = nil
  ) {
    self.scrapeInterval = scrapeInterval
    self.evaluationInterval = evaluationInterval
    self.rules = rules
    self.targets = targets
    self.arguments = arguments
    self.folder = folder
  }

  /// The configuration file. JSON is YAML too.
  ///
  /// - Parameter rulesPath: where the rules are.
  func configuration(simulatorPort: Int, rulesPath: String?) -> String {
    let targets = (["127.0.0.1:\(simulatorPort)"] + targets).map { "\"\($0)\"" }.joined(separator: ", ")
    // A scrape must have ended before the next one begins.
    return """
      global:
        scrape_interval: \(Self.text(scrapeInterval))
        scrape_timeout: \(Self.text(scrapeInterval))
        evaluation_interval: \(Self.text(evaluationInterval))
      rule_files: [\(rulesPath.map { "\"\($0)\"" } ?? "")]
      scrape_configs:
        - job_name: pods
          static_configs:
            - targets: [\(targets)]

      """
  }

  private static func text(_ duration: Duration) -> String {
    "\(duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000)ms"
  }
}
