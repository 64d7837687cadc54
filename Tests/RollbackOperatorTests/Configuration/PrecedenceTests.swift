import Logging
import RollbackCore
import RollbackOperator
import Testing

@Suite("Sources of the configuration")
struct PrecedenceTests {
  static let everything = """
    namespaces: [shop, payments]
    leaderElection: {enabled: false, namespace: ops, leaseDuration: 15s, renewDeadline: 10s, retryPeriod: 2s}
    sources:
    - name: default
      prometheus: {address: "http://prometheus.monitoring:9090"}
    - name: tenants
      prometheus:
        address: https://mimir.example/prometheus
        headersFile: /etc/mimir/headers
        bearerTokenFile: /etc/mimir/token
        tls: {caFile: /etc/mimir/ca.crt, certFile: /etc/mimir/tls.crt, keyFile: /etc/mimir/tls.key}
        timeout: 3s
    egress: {allow: [hooks.example:443, "*.monitoring.svc"]}
    sharedCause: {maxBreachedShare: 12.5%, within: 5m, minTargets: 8}
    http: {address: "127.0.0.1:9090"}
    clusterName: eu-west-1
    log: {level: debug, format: text}
    """

  @Test("Nothing said means the documented defaults")
  func defaults() throws {
    let loaded = try OperatorConfiguration.load(file: nil, flags: [:], environment: [:])
    #expect(loaded.configuration == OperatorConfiguration())
    #expect(loaded.warnings.isEmpty)
    let configuration = loaded.configuration
    #expect(configuration.namespaces.isEmpty)
    #expect(configuration.leaderElection.enabled)
    #expect(configuration.leaderElection.leaseDuration == .seconds(6))
    #expect(configuration.leaderElection.renewDeadline == .seconds(4))
    #expect(configuration.leaderElection.retryPeriod == .seconds(1))
    #expect(configuration.sources.isEmpty)
    #expect(configuration.egress.allow.isEmpty)
    #expect(configuration.sharedCause.maxBreachedShare == 0.3)
    #expect(configuration.sharedCause.within == .minutes(2))
    #expect(configuration.sharedCause.minTargets == 5)
    #expect(configuration.http.address == ListenAddress(host: "0.0.0.0", port: 8080))
    #expect(configuration.log.level == .info)
    #expect(configuration.log.format == .json)
  }

  @Test("The default that help shows is the default", arguments: ConfigurationKey.all.filter(\.isFlag).map(\.path))
  func shownDefaults(path: String) throws {
    let key = try #require(ConfigurationKey.all.first { $0.path == path })
    let loaded = try OperatorConfiguration.load(file: nil, flags: [key.path: key.defaultText], environment: [:])
    #expect(loaded.configuration == OperatorConfiguration())
  }

  @Test("A file may say everything")
  func file() throws {
    let configuration = try withFile(Self.everything) {
      try OperatorConfiguration.load(file: $0, flags: [:], environment: [:]).configuration
    }
    var expected = OperatorConfiguration()
    expected.namespaces = ["shop", "payments"]
    expected.leaderElection.enabled = false
    expected.leaderElection.namespace = "ops"
    expected.leaderElection.leaseDuration = .seconds(15)
    expected.leaderElection.renewDeadline = .seconds(10)
    expected.leaderElection.retryPeriod = .seconds(2)
    expected.sources = try Self.sources
    expected.egress.allow = ["hooks.example:443", "*.monitoring.svc"].compactMap { EgressPattern($0) }
    expected.sharedCause.maxBreachedShare = 0.125
    expected.sharedCause.within = .minutes(5)
    expected.sharedCause.minTargets = 8
    expected.http.address = ListenAddress(host: "127.0.0.1", port: 9090)
    expected.clusterName = "eu-west-1"
    expected.log.level = .debug
    expected.log.format = .text
    #expect(configuration == expected)
  }

  static var sources: [MetricSource] {
    get throws {
      let first = MetricSource.Prometheus(address: try OutboundURL("http://prometheus.monitoring:9090"))
      var second = MetricSource.Prometheus(address: try OutboundURL("https://mimir.example/prometheus"))
      second.headersFile = "/etc/mimir/headers"
      second.bearerTokenFile = "/etc/mimir/token"
      second.tls.caFile = "/etc/mimir/ca.crt"
      second.tls.certFile = "/etc/mimir/tls.crt"
      second.tls.keyFile = "/etc/mimir/tls.key"
      second.timeout = .seconds(3)
      return [MetricSource(name: "default", prometheus: first), MetricSource(name: "tenants", prometheus: second)]
    }
  }

  @Test("Each key has three spellings that say the same")
  func spellings() {
    let key = ConfigurationKey.leaseDuration
    #expect(key.path == "leaderElection.leaseDuration")
    #expect(key.flag == "leader-election-lease-duration")
    #expect(key.environmentVariable == "ROLLBACK_OPERATOR_LEADER_ELECTION_LEASE_DURATION")
    #expect(ConfigurationKey.namespaces.flag == "namespaces")
    #expect(ConfigurationKey.clientCertificate.flag == "client-certificate")
    #expect(ConfigurationKey.leaderElectionEnabled.environmentVariable == "ROLLBACK_OPERATOR_LEADER_ELECTION_ENABLED")
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var flag: String?
    var variable: String?
    var file: String?
    var winner: String
    var testDescription: String { "flag \(flag ?? "-"), variable \(variable ?? "-"), file \(file ?? "-") → \(winner)" }
  }

  @Test(
    "Flag before environment before file before default",
    arguments: [
      Case(flag: nil, variable: nil, file: nil, winner: ""),
      Case(flag: nil, variable: nil, file: "c", winner: "c"),
      Case(flag: nil, variable: "b", file: "c", winner: "b"),
      Case(flag: "a", variable: "b", file: "c", winner: "a"),
      Case(flag: "a", variable: nil, file: "c", winner: "a"),
      Case(flag: "a", variable: "b", file: nil, winner: "a"),
      Case(flag: nil, variable: "", file: "c", winner: "c"),
      Case(flag: "", variable: "b", file: "c", winner: ""),
    ])
  func precedence(row: Case) throws {
    let name = try withFile(row.file.map { "clusterName: \($0)" } ?? "") { path in
      var environment: [String: String] = [:]
      environment["ROLLBACK_OPERATOR_CLUSTER_NAME"] = row.variable
      var flags: [String: String] = [:]
      flags["clusterName"] = row.flag
      return try OperatorConfiguration.load(file: path, flags: flags, environment: environment).configuration
        .clusterName
    }
    #expect(name == row.winner)
  }

  @Test("Every key can be said in the environment and as a flag")
  func allKeys() throws {
    let values = [
      "namespaces": "shop, payments", "leaderElection.enabled": "false", "leaderElection.namespace": "ops",
      "leaderElection.leaseDuration": "15s", "leaderElection.renewDeadline": "10s", "leaderElection.retryPeriod": "2s",
      "egress.allow": "hooks.example:443, *.monitoring.svc", "sharedCause.maxBreachedShare": "12.5%",
      "sharedCause.within": "5m", "sharedCause.minTargets": "8", "http.address": "127.0.0.1:9090",
      "clusterName": "eu-west-1", "log.level": "debug", "log.format": "text",
      "kubeconfig": "/k", "context": "prod", "clientCertificate": "/c.pem", "clientKey": "/k.pem",
    ]
    #expect(Set(values.keys) == Set(ConfigurationKey.all.filter(\.isFlag).map(\.path)))
    #expect(ConfigurationKey.all.filter { !$0.isFlag }.map(\.path) == ["sources"])
    var environment: [String: String] = [:]
    for key in ConfigurationKey.all { environment[key.environmentVariable] = values[key.path] }
    let fromEnvironment = try OperatorConfiguration.load(file: nil, flags: [:], environment: environment)
    let fromFlags = try OperatorConfiguration.load(file: nil, flags: values, environment: [:])
    #expect(fromEnvironment == fromFlags)
    #expect(fromFlags.configuration.namespaces == ["shop", "payments"])
    #expect(fromFlags.configuration.cluster.kubeconfig == "/k")
    #expect(fromFlags.configuration.cluster.context == "prod")
    #expect(fromFlags.configuration.cluster.clientCertificate == "/c.pem")
    #expect(fromFlags.configuration.cluster.clientKey == "/k.pem")
    let filed = try withFile(Self.everything) { try OperatorConfiguration.load(file: $0, flags: [:], environment: [:]) }
    var withoutCluster = fromFlags.configuration
    withoutCluster.cluster = OperatorConfiguration.Cluster()
    withoutCluster.sources = try Self.sources
    #expect(filed.configuration == withoutCluster)
  }

  @Test("The file may be named by the environment, and a flag names another")
  func fileVariable() throws {
    try withFile("clusterName: a") { first in
      try withFile("clusterName: b") { second in
        let environment = ["ROLLBACK_OPERATOR_CONFIG": first]
        let named = try OperatorConfiguration.load(file: nil, flags: [:], environment: environment)
        #expect(named.configuration.clusterName == "a")
        let flagged = try OperatorConfiguration.load(file: second, flags: [:], environment: environment)
        #expect(flagged.configuration.clusterName == "b")
      }
    }
  }

  @Test(
    "Keys and sections without a value say nothing",
    arguments: ["", "# only this\n", "log:\n", "http: ~\nlog: {level: }"])
  func empty(content: String) throws {
    let configuration = try withFile(content) {
      try OperatorConfiguration.load(file: $0, flags: [:], environment: [:]).configuration
    }
    #expect(configuration == OperatorConfiguration())
  }

  @Test("Variables that a Service of the same name brings are no reason to warn; a misspelt one is")
  func unknownVariables() throws {
    let environment = [
      "ROLLBACK_OPERATOR_SERVICE_HOST": "10.0.0.1", "ROLLBACK_OPERATOR_SERVICE_PORT_HTTP": "80",
      "ROLLBACK_OPERATOR_PORT": "tcp://10.0.0.1:80", "ROLLBACK_OPERATOR_PORT_80_TCP_ADDR": "10.0.0.1",
      "ROLLBACK_OPERATOR_LOGLEVEL": "debug", "PATH": "/bin",
    ]
    let loaded = try OperatorConfiguration.load(file: nil, flags: [:], environment: environment)
    #expect(
      loaded.warnings == [
        "environment variable ROLLBACK_OPERATOR_LOGLEVEL is not one that this version knows and has no effect"
      ])
  }
}
