import ArgumentParser
import RollbackOperator

/// Every key of the configuration as a flag. Values stay texts, so that all sources are read by the same rules.
struct ConfigurationFlags: ParsableArguments {
  @Option(name: Self.name(.namespaces), help: Self.help(.namespaces, "names"))
  var namespaces: String?

  @Option(name: Self.name(.leaderElectionEnabled), help: Self.help(.leaderElectionEnabled, "true|false"))
  var leaderElectionEnabled: String?

  @Option(name: Self.name(.leaderElectionNamespace), help: Self.help(.leaderElectionNamespace, "name"))
  var leaderElectionNamespace: String?

  @Option(name: Self.name(.leaseDuration), help: Self.help(.leaseDuration, "duration"))
  var leaseDuration: String?

  @Option(name: Self.name(.renewDeadline), help: Self.help(.renewDeadline, "duration"))
  var renewDeadline: String?

  @Option(name: Self.name(.retryPeriod), help: Self.help(.retryPeriod, "duration"))
  var retryPeriod: String?

  @Option(name: Self.name(.egressAllow), help: Self.help(.egressAllow, "hosts"))
  var egressAllow: String?

  @Option(name: Self.name(.maxBreachedShare), help: Self.help(.maxBreachedShare, "share"))
  var maxBreachedShare: String?

  @Option(name: Self.name(.sharedCauseWithin), help: Self.help(.sharedCauseWithin, "duration"))
  var sharedCauseWithin: String?

  @Option(name: Self.name(.sharedCauseMinTargets), help: Self.help(.sharedCauseMinTargets, "number"))
  var sharedCauseMinTargets: String?

  @Option(name: Self.name(.httpAddress), help: Self.help(.httpAddress, "host:port"))
  var httpAddress: String?

  @Option(name: Self.name(.clusterName), help: Self.help(.clusterName, "name"))
  var clusterName: String?

  @Option(name: Self.name(.logLevel), help: Self.help(.logLevel, "level"))
  var logLevel: String?

  @Option(name: Self.name(.logFormat), help: Self.help(.logFormat, "format"))
  var logFormat: String?

  @Option(name: Self.name(.kubeconfig), help: Self.help(.kubeconfig, "file"))
  var kubeconfig: String?

  @Option(name: Self.name(.context), help: Self.help(.context, "name"))
  var context: String?

  @Option(name: Self.name(.clientCertificate), help: Self.help(.clientCertificate, "file"))
  var clientCertificate: String?

  @Option(name: Self.name(.clientKey), help: Self.help(.clientKey, "file"))
  var clientKey: String?

  /// What was given, by the path of its key.
  var values: [String: String] {
    let given: [(ConfigurationKey, String?)] = [
      (.namespaces, namespaces),
      (.leaderElectionEnabled, leaderElectionEnabled),
      (.leaderElectionNamespace, leaderElectionNamespace),
      (.leaseDuration, leaseDuration),
      (.renewDeadline, renewDeadline),
      (.retryPeriod, retryPeriod),
      (.egressAllow, egressAllow),
      (.maxBreachedShare, maxBreachedShare),
      (.sharedCauseWithin, sharedCauseWithin),
      (.sharedCauseMinTargets, sharedCauseMinTargets),
      (.httpAddress, httpAddress),
      (.clusterName, clusterName),
      (.logLevel, logLevel),
      (.logFormat, logFormat),
      (.kubeconfig, kubeconfig),
      (.context, context),
      (.clientCertificate, clientCertificate),
      (.clientKey, clientKey),
    ]
    var values: [String: String] = [:]
    for (key, value) in given { values[key.path] = value }
    return values
  }

  private static func name(_ key: ConfigurationKey) -> NameSpecification { .customLong(key.flag) }

  private static func help(_ key: ConfigurationKey, _ valueName: String) -> ArgumentHelp {
    let value = key.defaultText.isEmpty ? "none" : key.defaultText
    return ArgumentHelp("\(key.summary) (default: \(value))", valueName: valueName)
  }
}
