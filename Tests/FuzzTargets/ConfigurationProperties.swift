@testable import RollbackOperator

/// Any bytes as the operator's configuration file, and its values as flags and environment variables.
enum ConfigurationProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let file = ConfigurationFile(bytes, name: "operator.yaml")
    for problem in file.problems { try check(problem) }
    var flags: [String: String] = [:]
    var environment: [String: String] = [:]
    for entry in file.entries {
      guard let key = ConfigurationKey.all.first(where: { $0.path == entry.path }) else {
        throw Violation(description: "the key \(entry.path) is not one")
      }
      switch entry.value {
      case .text(let text):
        flags[key.path] = text
        environment[key.environmentVariable] = text
      case .list(let texts): flags[key.path] = texts.joined(separator: ",")
      case .structure(let node):
        guard case .structure(let read) = key.assign else {
          throw Violation(description: "\(key.path) has no structure")
        }
        var configuration = OperatorConfiguration()
        var complaints: [ConfigurationNode.Complaint] = []
        read(node, &configuration, &complaints)
        for complaint in complaints {
          try check(
            .init(
              source: .file(path: "operator.yaml", line: complaint.line), key: complaint.path,
              reason: complaint.rejection.reason, remedy: complaint.rejection.remedy))
        }
      }
    }
    try load(flags: flags, environment: [:])
    try load(flags: [:], environment: environment)
  }

  private static func load(flags: [String: String], environment: [String: String]) throws(Violation) {
    let loaded = Result { () throws(OperatorConfigurationError) in
      try OperatorConfiguration.load(file: nil, flags: flags, environment: environment)
    }
    switch loaded {
    case .success(let loaded):
      try timesFit(loaded.configuration.leaderElection)
      for warning in loaded.warnings { try Text.requireOneLine(warning, longest: 1_000) }
    case .failure(let error):
      for problem in error.problems { try check(problem) }
    }
  }

  private static func timesFit(_ election: OperatorConfiguration.LeaderElection) throws(Violation) {
    try require(
      election.retryPeriod < election.renewDeadline && election.renewDeadline < election.leaseDuration,
      "the times of leader election do not fit: \(election)")
  }

  private static func check(_ problem: OperatorConfigurationError.Problem) throws(Violation) {
    try Text.requireOneLine(problem.description, longest: 1_500)
    try require(!problem.reason.isEmpty && !problem.remedy.isEmpty, "no remedy: \(problem)")
  }
}
