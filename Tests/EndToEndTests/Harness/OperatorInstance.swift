import FoundationEssentials
import Glibc
import Testing

@testable import LocalCluster

/// One run of the real executable. It dies with the test process at the latest.
final class OperatorInstance: Sendable {
  /// The file with everything that it writes.
  let logPath: String
  private let child: ChildProcess

  private init(child: ChildProcess, logPath: String) {
    self.child = child
    self.logPath = logPath
  }

  deinit { child.send(SIGKILL) }

  /// The executable beside the test bundle.
  static var executable: String {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folder = bundle.split(separator: "/").dropLast().joined(separator: "/")
    let beside = "/\(folder)/rollback-operator"
    return FileManager.default.isExecutableFile(atPath: beside)
      ? beside : "\(Tool.checkout)/.build/debug/rollback-operator"
  }

  /// Starts the operator and waits until its caches are whole.
  ///
  /// - Parameters:
  ///   - namespaces: what it serves; empty for all.
  ///   - arguments: further command line arguments.
  ///   - log: a file that is made or continued.
  ///   - waitsUntilReady: `false` for a start that is expected to fail or to hang.
  static func start(
    namespaces: [String], kubeconfig: String, arguments: [String] = [], environment: [String: String] = [:],
    log: String, waitsUntilReady: Bool = true
  ) async throws -> OperatorInstance {
    var command = [
      executable, "run", "--kubeconfig", kubeconfig, "--leader-election-enabled=false", "--http-address", "127.0.0.1:0",
      "--log-level", "debug", "--log-format", "text",
    ]
    if !namespaces.isEmpty { command += ["--namespaces", namespaces.joined(separator: ",")] }
    var variables = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
    // Where it looks for a freeze: each scene has its own.
    if namespaces.count == 1 { variables["POD_NAMESPACE"] = namespaces[0] }
    variables.merge(environment) { $1 }
    let before = FileSystem.exists(log) ? try FileSystem.read(log).utf8.count : 0
    let child = try await ChildProcess.start(arguments: command + arguments, environment: variables, log: log)
    let instance = OperatorInstance(child: child, logPath: log)
    if waitsUntilReady {
      try await eventually("the operator is ready", within: .seconds(120)) {
        if let exit = instance.exit { throw HarnessError("the operator \(exit) while starting:\n\(instance.logTail)") }
        let isReady = instance.log.utf8.dropFirst(before).firstRange(of: "Caches are whole".utf8) != nil
        return isReady ? .met : .unmet(instance.logTail)
      }
    }
    return instance
  }

  /// All that was written into the log file so far.
  var log: String { (try? FileSystem.read(logPath)) ?? "" }

  var logTail: String { FileSystem.tail(of: logPath, lines: 40) }

  var processID: Int32 { child.processID }

  /// How it ended; `nil` while it runs.
  var exit: ChildProcess.Exit? { child.exit }

  /// Kills it (SIGKILL) and waits until it is gone.
  func kill() async {
    child.send(SIGKILL)
    _ = await child.waitForExit()
  }

  /// Asks it to end (SIGTERM), waits, and kills it when it has not after 30 s.
  @discardableResult
  func terminate() async -> ChildProcess.Exit {
    child.send(SIGTERM)
    return await withTaskGroup { group in
      group.addTask {
        if (try? await Task.sleep(for: .seconds(30))) != nil { self.child.send(SIGKILL) }
      }
      let exit = await child.waitForExit()
      group.cancelAll()
      return exit
    }
  }

  /// Waits until it has ended by itself.
  func waitForExit() async -> ChildProcess.Exit { await child.waitForExit() }

  func send(_ signal: Int32) { child.send(signal) }
}
