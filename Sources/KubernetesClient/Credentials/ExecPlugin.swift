import Subprocess

/// Runs a credential plugin.
struct ExecPlugin: Sendable {
  let configuration: ExecPluginConfiguration

  private enum Ending: Sendable {
    case exited(TerminationStatus, output: [UInt8], complaint: String)
    case timedOut
  }

  /// Runs it once.
  ///
  /// - Throws: ``CredentialError``, also when the task is cancelled; the plugin and what it started are gone then.
  func run() async throws(CredentialError) -> ExecCredential {
    let name = "the credential plugin \(configuration.command) (\(configuration.origin))"
    let ending: Ending
    do {
      ending = try await runWithinTimeout()
    } catch let error as SubprocessError where error.code == .executableNotFound || error.code == .spawnFailed {
      let hint = configuration.installHint.map { ": \($0)" } ?? ""
      throw CredentialError("\(name) cannot be started; install it or put it into PATH\(hint)")
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      throw CredentialError("\(name) printed more than 1 MiB")
    } catch is CancellationError {
      throw CredentialError("\(name) was stopped because the request was cancelled")
    } catch {
      throw CredentialError("\(name) failed: \(error)")
    }
    switch ending {
    case .timedOut:
      throw CredentialError("\(name) did not end within \(configuration.timeout) and was stopped")
    case .exited(let status, let output, let complaint):
      guard status.isSuccess else {
        let said = complaint.isEmpty ? "" : ", saying: \(Self.shortened(complaint))"
        throw CredentialError("\(name) failed with \(status)\(said)")
      }
      return try ExecCredential(output: output, plugin: configuration)
    }
  }

  private func runWithinTimeout() async throws -> Ending {
    try await withThrowingTaskGroup(of: Ending.self) { group in
      group.addTask { try await start() }
      group.addTask {
        try await Task.sleep(for: configuration.timeout)
        return .timedOut
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { return .timedOut }
      return first
    }
  }

  private func start() async throws -> Ending {
    var options = PlatformOptions()
    // Its own session, so that stopping it stops its children too, and so that it cannot ask at a terminal.
    options.createSession = true
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
    ]
    var variables: [Environment.Key: String?] = [:]
    for (name, value) in configuration.environment {
      if let key = Environment.Key(rawValue: name) { variables[key] = value }
    }
    variables["KUBERNETES_EXEC_INFO"] = String(decoding: information, as: UTF8.self)
    let isPath = configuration.command.contains("/")
    let result = try await Subprocess.run(
      isPath ? .path(Self.path(configuration.command)) : .name(configuration.command),
      arguments: Arguments(configuration.arguments), environment: Environment.inherit.updating(variables),
      platformOptions: options, output: .bytes(limit: 1 << 20), error: .string(limit: 1 << 20))
    return .exited(result.terminationStatus, output: result.standardOutput, complaint: result.standardError)
  }

  /// The ExecCredential that the plugin gets as `KUBERNETES_EXEC_INFO`.
  private var information: [UInt8] {
    var spec = "\"interactive\":false"
    if let cluster = configuration.clusterInfo { spec += ",\"cluster\":\(String(decoding: cluster, as: UTF8.self))" }
    let version = JSONText.string(configuration.apiVersion)
    return Array("{\"kind\":\"ExecCredential\",\"apiVersion\":\(version),\"spec\":{\(spec)}}".utf8)
  }

  /// A `FilePath` without naming its module, which is another one on each platform.
  private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
  where Path.StringLiteralType == String {
    Path(stringLiteral: text)
  }

  private static func shortened(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 400 ? "\(line.prefix(400))…" : line
  }
}
