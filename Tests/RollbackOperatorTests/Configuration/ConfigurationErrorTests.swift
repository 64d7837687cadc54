import RollbackOperator
import Testing

@Suite("Mistakes in the configuration")
struct ConfigurationErrorTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    var content: String
    /// What the message says after the file's path.
    var message: String
    var testDescription: String { content }

    init(_ content: String, _ message: String) {
      self.content = content
      self.message = message
    }
  }

  static let sections =
    "the keys are namespaces, leaderElection, sources, egress, sharedCause, http, clusterName, log"

  static let inFiles: [Mistake] = [
    .init("\"log.level\": info", " line 1: log.level: is not a key that this version knows; \(sections)"),
    .init(
      "http: {adress: x}",
      " line 1: http.adress: is not a key that this version knows; the keys of http are address"),
    .init(
      "leaderElection:\n  leaseduration: 6s",
      " line 2: leaderElection.leaseduration: is not a key that this version knows; the keys of leaderElection are "
        + "enabled, namespace, leaseDuration, renewDeadline, retryPeriod"),
    .init(
      "kubeconfig: /x",
      " line 1: kubeconfig: cannot be said in a file; use --kubeconfig or the variable ROLLBACK_OPERATOR_KUBECONFIG"),
    .init("log: info", " line 1: log: is not a mapping of keys to values; the keys of log are level, format"),
    .init("[a]", " line 1: is not a mapping of keys to values; write for example log: {level: info}"),
    .init(
      "namespaces: shop", " line 1: namespaces: takes a list of names; write for example namespaces: [shop, payments]"),
    .init(
      "namespaces: [Shop]",
      " line 1: namespaces: \"Shop\" is not the name of a namespace; write at most 63 lower-case letters, digits and "
        + "dashes, as shop"),
    .init("log: {level: [info]}", " line 1: log.level: takes a single value; write for example \"info\""),
    .init(
      "log: {level: loud}",
      " line 1: log.level: \"loud\" is not a level; write one of trace, debug, info, notice, warning, error, critical"),
    .init("log: {format: xml}", " line 1: log.format: \"xml\" is not a format; write one of json, text"),
    .init(
      "leaderElection: {enabled: yes}",
      " line 1: leaderElection.enabled: \"yes\" is neither true nor false; write true or false"),
    .init(
      "leaderElection: {leaseDuration: 6}",
      " line 1: leaderElection.leaseDuration: \"6\" is not a duration; write for example 4s, 1500ms or 1m"),
    .init(
      "leaderElection: {leaseDuration: 6500ms}",
      " line 1: leaderElection.leaseDuration: \"6500ms\" is not a whole number of seconds, which is how the Lease "
        + "counts; write for example 6s"),
    .init(
      "leaderElection: {retryPeriod: 0s}",
      " line 1: leaderElection.retryPeriod: must be longer than nothing; write for example 4s"),
    .init(
      "leaderElection: {renewDeadline: 6s}",
      " line 1: leaderElection.renewDeadline: 6s must be shorter than leaderElection.leaseDuration, which is 6s "
        + "(default); write for example leaseDuration: 6s, renewDeadline: 4s, retryPeriod: 1s"),
    .init(
      "leaderElection: {leaseDuration: 3s}",
      " line 1: leaderElection.leaseDuration: 3s must be longer than leaderElection.renewDeadline, which is 4s "
        + "(default); write for example leaseDuration: 6s, renewDeadline: 4s, retryPeriod: 1s"),
    .init(
      "leaderElection: {retryPeriod: 5s}",
      " line 1: leaderElection.retryPeriod: 5s must be shorter than leaderElection.renewDeadline, which is 4s "
        + "(default); write for example leaseDuration: 6s, renewDeadline: 4s, retryPeriod: 1s"),
    .init(
      "http: {address: \"8080\"}",
      " line 1: http.address: \"8080\" is not an address; write HOST:PORT, as 0.0.0.0:8080, :8080 or [::1]:8080"),
    .init(
      "clusterName: \"a\\tb\"",
      " line 1: clusterName: \"a\u{FFFD}b\" holds a control character; write one line of plain text"),
    .init(
      "clusterName: \(String(repeating: "x", count: 254))",
      " line 1: clusterName: is longer than 253 bytes; write a short name, as eu-west-1"),
    .init("{a: 1}: b", " line 1: a key is not plain text; \(sections)"),
    .init(
      "log: {level: info}\nlog: {}",
      " line 1: is not YAML (key \"log\" stands twice); write for example log: {level: info}"),
  ]

  private static let example =
    "write for example sources: [{name: default, prometheus: {address: \"http://prometheus.monitoring:9090\"}}]"

  static let inSources: [Mistake] = [
    .init("sources: {}", " line 1: sources: takes a list; \(example)"),
    .init(
      "sources: [a]",
      " line 1: sources[0]: is not a mapping of keys to values; the keys of sources[0] are name, "
        + "prometheus"),
    .init("sources:\n- prometheus: {}", " line 2: sources[0]: has no name; \(example)"),
    .init("sources:\n- name: a", " line 2: sources[0]: has no prometheus; \(example)"),
    .init(
      "sources:\n- name: A b",
      " line 2: sources[0].name: \"A b\" is not a name for a source; write at most 63 lower-case letters, digits and "
        + "dashes, as default"),
    .init(
      "sources:\n- {name: a, prometheus: {address: \"http://a\"}}\n- {name: a}",
      " line 3: sources[1].name: \"a\" stands twice; give each source a name of its own"),
    .init(
      "sources:\n- name: a\n  prometheus: {}",
      " line 3: sources[0].prometheus: has no address; write for example address: "
        + "\"http://prometheus.monitoring:9090\""),
    .init(
      "sources:\n- name: a\n  prometheus: {adress: x, address: \"http://a\"}",
      " line 3: sources[0].prometheus.adress: is not a key that this version knows; the keys of sources[0].prometheus "
        + "are address, headersFile, bearerTokenFile, tls, timeout"),
    .init(
      "sources:\n- name: a\n  prometheus: {address: \"http://user:secret@a\"}",
      " line 3: sources[0].prometheus.address: holds a user or a password; leave it out and put the credentials into a "
        + "Secret that the policy or the source names"),
    .init(
      "sources:\n- name: a\n  prometheus: {address: \"http://a/?x=secret\"}",
      " line 3: sources[0].prometheus.address: has a query; write the address up to the path, without ? and what "
        + "follows"),
    .init(
      "sources:\n- name: a\n  prometheus: {address: [a]}",
      " line 3: sources[0].prometheus.address: takes a single value; write one"),
    .init(
      "sources:\n- name: a\n  prometheus: {address: \"https://a\", timeout: 11s}",
      " line 3: sources[0].prometheus.timeout: 11s is longer than 10s, after which every request ends; write 10s or "
        + "less"),
    .init(
      "sources:\n- name: a\n  prometheus: {address: \"https://a\", tls: {keyFile: /k}}",
      " line 3: sources[0].prometheus.tls: has a certFile or a keyFile without the other; name both files, or none"),
    .init(
      "sources:\n- name: a\n  prometheus: {address: \"http://a\", tls: {caFile: /c}}",
      " line 3: sources[0].prometheus: has tls, but its address begins with http://; write https://, or leave out tls"),
  ]

  static let inLimits: [Mistake] = [
    .init("egress: []", " line 1: egress: is not a mapping of keys to values; the keys of egress are allow"),
    .init(
      "egress: {allow: a}",
      " line 1: egress.allow: takes a list of names; write for example allow: [prometheus.monitoring, "
        + "\"*.example.com\"]"),
    .init(
      "egress: {allow: [http://a]}",
      " line 1: egress.allow: \"http://a\" is not a host pattern; write a host, *.DOMAIN or *, each with :PORT if only "
        + "that port is meant, as prometheus.monitoring:9090"),
    .init(
      "sharedCause: {maxBreachedShare: 30}",
      " line 1: sharedCause.maxBreachedShare: \"30\" is not a percentage above 0% and below 100%; write for example "
        + "30%"),
    .init(
      "sharedCause: {maxBreachedShare: 100%}",
      " line 1: sharedCause.maxBreachedShare: \"100%\" is not a percentage above 0% and below 100%; write for example "
        + "30%"),
    .init(
      "sharedCause: {within: 0s}",
      " line 1: sharedCause.within: must be longer than nothing; write for example 4s"),
    .init(
      "sharedCause: {minTargets: 0}",
      " line 1: sharedCause.minTargets: \"0\" is not a number from 1 to 999999; write for example 5"),
  ]

  @Test("A mistake in the file is named with line, key, reason and remedy", arguments: inFiles + inSources + inLimits)
  func file(mistake: Mistake) throws {
    try withFile(mistake.content) { path in
      let error = try #require(throws: OperatorConfigurationError.self) {
        _ = try OperatorConfiguration.load(file: path, flags: [:], environment: [:])
      }
      #expect(error.description == path + mistake.message)
      #expect(ExitStatus(error) == .unusableConfiguration)
    }
  }

  @Test("A flag and a variable are named as they were written")
  func flagsAndVariables() throws {
    let error = try #require(throws: OperatorConfigurationError.self) {
      _ = try OperatorConfiguration.load(
        file: nil, flags: ["log.level": "loud"],
        environment: ["ROLLBACK_OPERATOR_HTTP_ADDRESS": "x", "ROLLBACK_OPERATOR_NAMESPACES": "a,,b"])
    }
    #expect(
      error.description == """
        environment variable ROLLBACK_OPERATOR_NAMESPACES: namespaces: "" is not the name of a namespace; write at most \
        63 lower-case letters, digits and dashes, as shop
        environment variable ROLLBACK_OPERATOR_HTTP_ADDRESS: http.address: "x" is not an address; write HOST:PORT, as \
        0.0.0.0:8080, :8080 or [::1]:8080
        --log-level: log.level: "loud" is not a level; write one of trace, debug, info, notice, warning, error, critical
        """)
  }

  @Test("A list of sources belongs into a file")
  func sourcesElsewhere() throws {
    let error = try #require(throws: OperatorConfigurationError.self) {
      _ = try OperatorConfiguration.load(
        file: nil, flags: [:], environment: ["ROLLBACK_OPERATOR_SOURCES": "default"])
    }
    #expect(
      error.description == "environment variable ROLLBACK_OPERATOR_SOURCES: sources: can be said in a file only; "
        + "write it into the file that --config names")
  }

  @Test("Values that only together are wrong name both places")
  func together() throws {
    let error = try #require(throws: OperatorConfigurationError.self) {
      _ = try OperatorConfiguration.load(
        file: nil, flags: ["leaderElection.renewDeadline": "20s"],
        environment: ["ROLLBACK_OPERATOR_LEADER_ELECTION_LEASE_DURATION": "15s"])
    }
    #expect(
      error.description == """
        --leader-election-renew-deadline: leaderElection.renewDeadline: 20s must be shorter than \
        leaderElection.leaseDuration, which is 15s (environment variable \
        ROLLBACK_OPERATOR_LEADER_ELECTION_LEASE_DURATION); write for example leaseDuration: 6s, renewDeadline: 4s, \
        retryPeriod: 1s
        """)
  }

  @Test("A key without a certificate is refused")
  func keyAlone() throws {
    let error = try #require(throws: OperatorConfigurationError.self) {
      _ = try OperatorConfiguration.load(file: nil, flags: ["clientKey": "/k"], environment: [:])
    }
    #expect(
      error.description
        == "--client-key: clientKey: a key without a certificate proves nothing; "
        + "name the certificate as well, with --client-certificate")
  }

  @Test("A file that is not there, a folder and one that is too large are refused")
  func unreadable() throws {
    func message(_ path: String) -> String {
      do throws(OperatorConfigurationError) {
        _ = try OperatorConfiguration.load(file: path, flags: [:], environment: [:])
        return ""
      } catch {
        return error.description
      }
    }
    #expect(
      message("/does/not/exist.yaml")
        == "--config: file \"/does/not/exist.yaml\" cannot be read (No such file or directory); "
        + "name a file that exists and may be read")
    #expect(
      message("/") == "--config: file \"/\" cannot be read (Is a directory); name a file that exists and may be read")
    let size = 1_024 * 1_024
    let large = try withFile("# " + String(repeating: "x", count: size)) { path in
      message(path).replacing(path, with: "FILE")
    }
    #expect(large == "--config: file \"FILE\" is larger than 1048576 bytes; name a smaller file")
  }

  @Test(
    "Broken and hostile YAML ends in a message",
    arguments: [
      "a: [", "\tlog: {}", "a: *b", "a: &a [*a]", "--- {}\n--- {}", "\u{0}", "'",
      String(repeating: "[", count: 5_000), "? {a: 1}\n: b", "<<: {log: {level: debug}}", "!!binary x",
    ])
  func hostile(content: String) throws {
    _ = try withFile(content) { path in
      #expect(throws: OperatorConfigurationError.self) {
        _ = try OperatorConfiguration.load(file: path, flags: [:], environment: [:])
      }
    }
  }

  @Test("All mistakes are told at once, up to twenty")
  func many() throws {
    let content = (1...30).map { "k\($0): 1" }.joined(separator: "\n")
    try withFile(content) { path in
      let error = try #require(throws: OperatorConfigurationError.self) {
        _ = try OperatorConfiguration.load(file: path, flags: [:], environment: [:])
      }
      #expect(error.problems.count == 30)
      #expect(error.description.split(separator: "\n").count == 21)
      #expect(error.description.hasSuffix("and 10 more"))
    }
  }

  @Test(
    "Addresses",
    arguments: [
      ("0.0.0.0:8080", "0.0.0.0:8080"), (":9090", "0.0.0.0:9090"), ("[::1]:0", "[::1]:0"), ("[::]:80", "[::]:80"),
      ("localhost:65535", "localhost:65535"), ("host", nil), ("host:", nil), ("host:65536", nil), ("::1:80", nil),
      ("a b:80", nil), ("[x]:80", nil), ("", nil), ("host:٣", nil), ("http://x:80", nil),
    ] as [(String, String?)])
  func addresses(text: String, expected: String?) {
    #expect(ListenAddress(text)?.description == expected)
  }
}
