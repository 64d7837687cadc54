/// One key of the operator's configuration, with its three spellings and its meaning.
public struct ConfigurationKey: Sendable {
  /// Path in the file, as `leaderElection.leaseDuration`.
  public let path: String
  /// What it means, in a few words.
  public let summary: String
  /// What holds when nobody says anything, as it would be written.
  public let defaultText: String
  /// Whether the file may hold it; the API server's address and credentials are flags and environment variables only.
  public let isInFile: Bool
  let assign: Assign

  enum Assign: Sendable {
    case scalar(@Sendable (String, inout OperatorConfiguration) throws(Rejection) -> Void)
    case list(@Sendable ([String], inout OperatorConfiguration) throws(Rejection) -> Void)
    /// A structure of its own, in a file only.
    case structure(
      @Sendable (ConfigurationNode, inout OperatorConfiguration, inout [ConfigurationNode.Complaint]) -> Void)
  }

  /// Whether a flag or an environment variable can say it; the rest is for a file only.
  public var isFlag: Bool {
    if case .structure = assign { false } else { true }
  }

  /// The flag without its dashes: `leader-election-lease-duration`.
  public var flag: String { words.joined(separator: "-") }

  /// The environment variable: `ROLLBACK_OPERATOR_LEADER_ELECTION_LEASE_DURATION`.
  public var environmentVariable: String {
    (["ROLLBACK_OPERATOR"] + words.map { $0.uppercased() }).joined(separator: "_")
  }

  private var words: [String] {
    var words = [""]
    for character in path {
      if character == "." {
        words.append("")
      } else if character.isUppercase {
        words.append(character.lowercased())
      } else {
        words[words.count - 1].append(character)
      }
    }
    return words
  }

  /// The environment variable that names the configuration file, where `--config` does not.
  public static let fileVariable = "ROLLBACK_OPERATOR_CONFIG"

  static func scalar<Value: Sendable>(
    _ path: String, _ target: any WritableKeyPath<OperatorConfiguration, Value> & Sendable, default defaultText: String,
    isInFile: Bool = true, _ summary: String, _ parse: @escaping @Sendable (String) throws(Rejection) -> Value
  ) -> ConfigurationKey {
    ConfigurationKey(
      path: path, summary: summary, defaultText: defaultText, isInFile: isInFile,
      assign: .scalar { (text, configuration) throws(Rejection) in configuration[keyPath: target] = try parse(text) })
  }
}

extension ConfigurationKey {
  public static let namespaces = ConfigurationKey(
    path: "namespaces", summary: "namespaces to serve, separated by commas; empty: all", defaultText: "",
    isInFile: true,
    assign: .list { (names, configuration) throws(Rejection) in
      var seen: Set<String> = []
      var kept: [String] = []
      for name in names where seen.insert(name).inserted {
        kept.append(try ConfigurationValue.namespace(name))
      }
      configuration.namespaces = kept
    })
  public static let leaderElectionEnabled = scalar(
    "leaderElection.enabled", \.leaderElection.enabled, default: "true",
    "whether a Lease decides which replica works", ConfigurationValue.bool)
  public static let leaderElectionNamespace = scalar(
    "leaderElection.namespace", \.leaderElection.namespace, default: "",
    "namespace of the Lease; empty: the operator's own"
  ) { (text) throws(Rejection) in text.isEmpty ? "" : try ConfigurationValue.namespace(text) }
  public static let leaseDuration = scalar(
    "leaderElection.leaseDuration", \.leaderElection.leaseDuration, default: "6s",
    "how long others wait after the last renewal before they take over", ConfigurationValue.wholeSeconds)
  public static let renewDeadline = scalar(
    "leaderElection.renewDeadline", \.leaderElection.renewDeadline, default: "4s",
    "how long the leader tries to renew before it gives up", ConfigurationValue.positiveDuration)
  public static let retryPeriod = scalar(
    "leaderElection.retryPeriod", \.leaderElection.retryPeriod, default: "1s",
    "time between two tries to take or renew the Lease", ConfigurationValue.positiveDuration)
  public static let sources = ConfigurationKey(
    path: "sources", summary: "named metric sources that policies may refer to", defaultText: "", isInFile: true,
    assign: .structure { node, configuration, complaints in
      configuration.sources = MetricSource.read(node, &complaints)
    })
  public static let egressAllow = ConfigurationKey(
    path: "egress.allow",
    summary:
      "hosts that a policy's own addresses may reach, separated by commas: a name, *.DOMAIN or *, each with :PORT",
    defaultText: "", isInFile: true,
    assign: .list { (texts, configuration) throws(Rejection) in
      var patterns: [EgressPattern] = []
      for text in texts { patterns.append(try ConfigurationValue.egressPattern(text)) }
      configuration.egress.allow = patterns
    })
  public static let maxBreachedShare = scalar(
    "sharedCause.maxBreachedShare", \.sharedCause.maxBreachedShare, default: "30%",
    "when more of the targets breach together, nothing is rolled back automatically", ConfigurationValue.share)
  public static let sharedCauseWithin = scalar(
    "sharedCause.within", \.sharedCause.within, default: "2m", "how close together breaches are one cause",
    ConfigurationValue.positiveDuration)
  public static let sharedCauseMinTargets = scalar(
    "sharedCause.minTargets", \.sharedCause.minTargets, default: "5",
    "with fewer targets than this no share is looked at", ConfigurationValue.positiveCount)
  public static let httpAddress = scalar(
    "http.address", \.http.address, default: "0.0.0.0:8080",
    "address of /healthz, /readyz and /metrics", ConfigurationValue.address)
  public static let clusterName = scalar(
    "clusterName", \.clusterName, default: "", "a name for this cluster in events and messages",
    ConfigurationValue.line)
  public static let logLevel = scalar(
    "log.level", \.log.level, default: "info", "trace, debug, info, notice, warning, error or critical",
    ConfigurationValue.level)
  public static let logFormat = scalar(
    "log.format", \.log.format, default: "json", "json or text", ConfigurationValue.format)

  public static let kubeconfig = scalar(
    "kubeconfig", \.cluster.kubeconfig, default: "", isInFile: false,
    "kubeconfig file; empty: in-cluster configuration, then KUBECONFIG, then ~/.kube/config", ConfigurationValue.path)
  public static let context = scalar(
    "context", \.cluster.context, default: "", isInFile: false,
    "context of the kubeconfig; empty: its current one", ConfigurationValue.path)
  public static let clientCertificate = scalar(
    "clientCertificate", \.cluster.clientCertificate, default: "", isInFile: false,
    "PEM file with the client certificate and its chain, and the key unless --client-key is given",
    ConfigurationValue.path)
  public static let clientKey = scalar(
    "clientKey", \.cluster.clientKey, default: "", isInFile: false,
    "PEM file with the client certificate's key", ConfigurationValue.path)

  /// Every key there is, in the order in which help lists them.
  public static let all: [ConfigurationKey] = [
    namespaces, leaderElectionEnabled, leaderElectionNamespace, leaseDuration, renewDeadline, retryPeriod, sources,
    egressAllow, maxBreachedShare, sharedCauseWithin, sharedCauseMinTargets, httpAddress, clusterName, logLevel,
    logFormat, kubeconfig, context, clientCertificate, clientKey,
  ]
}
