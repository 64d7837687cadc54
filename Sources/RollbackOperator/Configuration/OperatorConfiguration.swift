public import Logging
public import RollbackCore

/// The operator's own configuration: what `--config FILE`, flags and environment variables may say.
///
/// Read with ``load(flags:environment:)``. Every field has an effect; a key that is not here is refused, so that a
/// misspelt one is never silently ignored.
public struct OperatorConfiguration: Sendable, Equatable {
  /// Namespaces whose policies and workloads are served; empty means all.
  public var namespaces: [String] = []
  public var leaderElection = LeaderElection()
  /// Named metric sources that policies may refer to; no two have the same name.
  public var sources: [MetricSource] = []
  public var egress = Egress()
  public var sharedCause = SharedCause()
  public var http = HTTP()
  /// A name for this cluster in events and messages; empty when there is only one.
  public var clusterName = ""
  public var log = Log()
  public var cluster = Cluster()

  public init() {}

  /// The Lease that decides which of several replicas works.
  public struct LeaderElection: Sendable, Equatable {
    /// Whether a Lease is held at all; `false` is for a single process that nothing else runs beside.
    public var enabled = true
    /// Namespace of the Lease; empty means the operator's own.
    public var namespace = ""
    /// How long others wait after the last renewal before they take over. Whole seconds, as the Lease counts.
    public var leaseDuration = PolicyDuration.seconds(6)
    /// How long the leader tries to renew before it gives up; shorter than ``leaseDuration``.
    public var renewDeadline = PolicyDuration.seconds(4)
    /// Time between two tries; shorter than ``renewDeadline``.
    public var retryPeriod = PolicyDuration.seconds(1)

    public init() {}
  }

  /// What the addresses and URLs that stand in policies may reach.
  public struct Egress: Sendable, Equatable {
    /// Beside them, a policy reaches the Services of its own namespace and the ``OperatorConfiguration/sources``.
    public var allow: [EgressPattern] = []

    public init() {}
  }

  /// When many targets breach together it is not one bad release, and nothing is rolled back automatically.
  public struct SharedCause: Sendable, Equatable {
    /// The share of all targets, above 0 and below 1, that may breach together.
    public var maxBreachedShare = 0.3
    /// How close together breaches are one cause.
    public var within = PolicyDuration.minutes(2)
    /// With fewer targets than this no share is looked at.
    public var minTargets = 5

    public init() {}

    /// The same as decisions are made with.
    var limits: SharedCauseLimits {
      SharedCauseLimits(maxBreachedShare: .percent(maxBreachedShare * 100), within: within, minTargets: minTargets)
    }
  }

  /// The endpoints `/healthz`, `/readyz` and `/metrics`.
  public struct HTTP: Sendable, Equatable {
    /// Where they listen; port 0 takes a free one.
    public var address = ListenAddress(host: "0.0.0.0", port: 8080)

    public init() {}
  }

  /// What is logged, and how.
  public struct Log: Sendable, Equatable {
    /// Messages below this level are dropped.
    public var level = Logger.Level.info
    public var format = LogFormat.json

    public init() {}
  }

  /// Where the API server is and who the operator is towards it. Flags and environment variables only: inside a cluster
  /// none of it is needed.
  public struct Cluster: Sendable, Equatable {
    /// A kubeconfig file; `nil` means in-cluster configuration, then `KUBECONFIG`, then `~/.kube/config`.
    public var kubeconfig: String?
    /// The kubeconfig's context to use; `nil` means its current one.
    public var context: String?
    /// A PEM file with the client certificate and its chain; it may hold the key as well.
    public var clientCertificate: String?
    /// A PEM file with the client certificate's key; `nil` means that ``clientCertificate`` holds it.
    public var clientKey: String?

    public init() {}
  }
}

/// How a log line looks.
public enum LogFormat: String, Sendable, CaseIterable {
  /// One JSON object a line, for machines.
  case json
  /// One sentence a line, for people.
  case text
}
