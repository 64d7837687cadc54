import RollbackCore

/// A usable configuration, and what its reader should tell the person who wrote it.
public struct LoadedConfiguration: Sendable, Equatable {
  public var configuration: OperatorConfiguration
  /// Sentences about what was given but has no effect.
  public var warnings: [String]
}

extension OperatorConfiguration {
  /// Reads the configuration; for each key the first that speaks wins: flag, environment variable, file, default.
  ///
  /// An environment variable that is set to nothing does not speak. Values that another source overrides are checked
  /// too.
  ///
  /// - Parameters:
  ///   - file: path that `--config` gave; `nil` means that `ROLLBACK_OPERATOR_CONFIG` may name one.
  ///   - flags: values by the path of their key, as `["http.address": ":9090"]`.
  ///   - environment: the environment of the process.
  /// - Throws: everything that is wrong, with source, key, reason and remedy.
  public static func load(
    file: String?, flags: [String: String], environment: [String: String]
  ) throws(OperatorConfigurationError) -> LoadedConfiguration {
    var loader = ConfigurationLoader()
    let fileVariable = environment[ConfigurationKey.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
    if let file {
      loader.read(file: file, namedBy: .flag("--config"))
    } else if let fileVariable {
      loader.read(file: fileVariable, namedBy: .environment(ConfigurationKey.fileVariable))
    }
    for key in ConfigurationKey.all {
      if let text = environment[key.environmentVariable], !text.isEmpty {
        loader.take(text, for: key, from: .environment(key.environmentVariable))
      }
      if let text = flags[key.path] {
        loader.take(text, for: key, from: .flag("--\(key.flag)"))
      }
    }
    loader.checkTogether()
    guard loader.problems.isEmpty else { throw OperatorConfigurationError(loader.problems) }
    return LoadedConfiguration(
      configuration: loader.configuration, warnings: ConfigurationLoader.unknownVariables(in: environment))
  }
}

/// Lays the sources over each other, weakest first, and remembers who spoke last.
private struct ConfigurationLoader {
  var configuration = OperatorConfiguration()
  var problems: [OperatorConfigurationError.Problem] = []
  var sources: [String: ConfigurationSource] = [:]

  mutating func read(file: String, namedBy source: ConfigurationSource) {
    let bytes: [UInt8]
    do {
      bytes = try BoundedFile.read(file, limit: ConfigurationFile.maximumSize)
    } catch {
      problems.append(
        .init(
          source: source, key: "", reason: "file \(quoted(file, limit: 1_000)) \(error.reason)", remedy: error.remedy))
      return
    }
    let content = ConfigurationFile(bytes, name: file)
    problems += content.problems
    for entry in content.entries {
      guard let key = ConfigurationKey.all.first(where: { $0.path == entry.path }) else { continue }
      assign(entry.value, to: key, from: .file(path: file, line: entry.line))
    }
  }

  mutating func take(_ text: String, for key: ConfigurationKey, from source: ConfigurationSource) {
    switch key.assign {
    case .scalar: assign(.text(text), to: key, from: source)
    case .list:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.trimming(" ")) }
      assign(.list(text.isEmpty ? [] : names), to: key, from: source)
    case .structure:
      problems.append(
        .init(
          source: source, key: key.path, reason: "can be said in a file only",
          remedy: "write it into the file that --config names"))
    }
  }

  private mutating func assign(
    _ value: ConfigurationFile.Value, to key: ConfigurationKey, from source: ConfigurationSource
  ) {
    do {
      switch (key.assign, value) {
      case (.scalar(let set), .text(let text)): try set(text, &configuration)
      case (.list(let set), .list(let texts)): try set(texts, &configuration)
      case (.structure(let read), .structure(let node)):
        var complaints: [ConfigurationNode.Complaint] = []
        read(node, &configuration, &complaints)
        problems += complaints.map { complaint in
          .init(
            source: source.at(line: complaint.line), key: complaint.path, reason: complaint.rejection.reason,
            remedy: complaint.rejection.remedy)
        }
      default: return
      }
      sources[key.path] = source
    } catch {
      problems.append(.init(source: source, key: key.path, reason: error.reason, remedy: error.remedy))
    }
  }

  /// What no value alone can get wrong.
  mutating func checkTogether() {
    guard problems.isEmpty else { return }
    let election = configuration.leaderElection
    checkShorter(.renewDeadline, election.renewDeadline, than: .leaseDuration, election.leaseDuration)
    checkShorter(.retryPeriod, election.retryPeriod, than: .renewDeadline, election.renewDeadline)
    if configuration.cluster.clientKey != nil, configuration.cluster.clientCertificate == nil {
      problems.append(
        .init(
          source: source(of: .clientKey), key: ConfigurationKey.clientKey.path,
          reason: "a key without a certificate proves nothing",
          remedy: "name the certificate as well, with --\(ConfigurationKey.clientCertificate.flag)"))
    }
  }

  private mutating func checkShorter(
    _ short: ConfigurationKey, _ shortValue: PolicyDuration, than long: ConfigurationKey, _ longValue: PolicyDuration
  ) {
    guard shortValue >= longValue else { return }
    // The one that was written is to blame, not the default beside it.
    let isShortGiven = sources[short.path] != nil
    let (blamed, relation) = isShortGiven ? (short, "must be shorter than") : (long, "must be longer than")
    let (value, other, otherValue) = isShortGiven ? (shortValue, long, longValue) : (longValue, short, shortValue)
    problems.append(
      .init(
        source: source(of: blamed), key: blamed.path,
        reason: "\(value) \(relation) \(other.path), which is \(otherValue) (\(source(of: other)))",
        remedy: "write for example leaseDuration: 6s, renewDeadline: 4s, retryPeriod: 1s"))
  }

  private func source(of key: ConfigurationKey) -> ConfigurationSource { sources[key.path] ?? .defaultValue }

  /// Variables that look like ours and are not, except those that Kubernetes itself sets for a Service of this name.
  static func unknownVariables(in environment: [String: String]) -> [String] {
    let known = Set(ConfigurationKey.all.map(\.environmentVariable) + [ConfigurationKey.fileVariable])
    return environment.keys.sorted().filter { name in
      name.hasPrefix("ROLLBACK_OPERATOR_") && !known.contains(name) && !isServiceLink(name)
    }.prefix(20).map { "environment variable \($0) is not one that this version knows and has no effect" }
  }

  private static func isServiceLink(_ name: String) -> Bool {
    name.hasSuffix("_PORT") || name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT")
      || name.contains("_PORT_")
  }
}

extension Substring {
  /// Without `character` at both ends.
  fileprivate func trimming(_ character: Character) -> Substring {
    var text = self
    while text.first == character { text = text.dropFirst() }
    while text.last == character { text = text.dropLast() }
    return text
  }
}
