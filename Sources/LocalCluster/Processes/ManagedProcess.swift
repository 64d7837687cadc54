import Glibc
import Synchronization

/// One server of a local cluster, which a test may stop, kill, suspend and start again.
///
/// A restarted server keeps its ports, its arguments and its data.
public final class ManagedProcess: Sendable {
  /// The program's name, for example `kube-apiserver`.
  public let name: String
  /// The file with everything the program has written, over all its starts.
  public let logPath: String
  private let arguments: [String]
  private let processIDPath: String
  private let startTimeout: Duration
  private let stopGrace: Duration
  private let isReady: @Sendable () async -> Bool
  private let child = Mutex<ChildProcess?>(nil)

  /// - Parameters:
  ///   - arguments: the program's path and its arguments.
  ///   - isReady: asked again and again after a start; must return within a second or so.
  init(
    name: String, arguments: [String], directory: ClusterDirectory, startTimeout: Duration = .seconds(60),
    stopGrace: Duration = .seconds(10),
    isReady: @escaping @Sendable () async -> Bool
  ) {
    self.name = name
    self.arguments = arguments
    self.logPath = directory.path("logs/\(name).log")
    self.processIDPath = directory.path("processes/\(name)")
    self.startTimeout = startTimeout
    self.stopGrace = stopGrace
    self.isReady = isReady
  }

  /// The number of the running process; `nil` when it is not running.
  public var processID: Int32? {
    child.withLock { $0 }.flatMap { $0.exit == nil ? $0.processID : nil }
  }

  /// Starts the program and waits until it is ready. Does nothing when it is running.
  ///
  /// - Throws: ``ClusterError`` with the end of the log when the program ends or is not ready in time.
  public func start() async throws(ClusterError) {
    if processID != nil { return }
    let process = try await ChildProcess.start(
      arguments: arguments, environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"], log: logPath)
    child.withLock { $0 = process }
    try FileSystem.write("\(process.processID)\n", to: processIDPath)
    try await waitUntilReady(process)
  }

  /// Asks the program to end (SIGTERM), and kills it when it has not in time.
  ///
  /// - Parameter grace: the time to end by itself; `nil` for what this program usually needs.
  public func stop(grace: Duration? = nil) async {
    guard let process = child.withLock({ $0 }) else { return }
    process.send(SIGCONT)
    process.send(SIGTERM)
    let grace = grace ?? stopGrace
    await withTaskGroup { group in
      group.addTask {
        // Ends early when the process has ended, which then gets no signal, and when the caller was cancelled, who must
        // not wait.
        try? await Task.sleep(for: grace)
        process.send(SIGKILL)
      }
      _ = await process.waitForExit()
      group.cancelAll()
    }
    forget()
  }

  /// Kills the program (SIGKILL) and waits until it is gone.
  public func kill() async {
    guard let process = child.withLock({ $0 }) else { return }
    process.send(SIGKILL)
    _ = await process.waitForExit()
    forget()
  }

  deinit { child.withLock { $0 }?.send(SIGKILL) }

  /// Freezes the program (SIGSTOP): its connections stay open and say nothing more.
  public func suspend() { child.withLock { $0 }?.send(SIGSTOP) }

  /// Lets a suspended program go on (SIGCONT).
  public func resume() { child.withLock { $0 }?.send(SIGCONT) }

  /// Stops the program and starts it again, on the same ports and data.
  public func restart() async throws(ClusterError) {
    await stop()
    try await start()
  }

  private func forget() {
    child.withLock { $0 = nil }
    FileSystem.remove(processIDPath)
  }

  private func waitUntilReady(_ process: ChildProcess) async throws(ClusterError) {
    let deadline = ContinuousClock.now + startTimeout
    while true {
      if let exit = process.exit {
        let tail = FileSystem.tail(of: logPath, lines: 20)
        let code: ClusterError.Code = tail.contains("address already in use") ? .portTaken : .process
        throw ClusterError(code, "\(name) \(exit) while starting. The end of its log, \(logPath):\n\(tail)")
      }
      if await isReady() { return }
      guard ContinuousClock.now < deadline else {
        let tail = FileSystem.tail(of: logPath, lines: 20)
        throw ClusterError(
          .process, "\(name) was not ready after \(startTimeout). The end of its log, \(logPath):\n\(tail)")
      }
      do {
        try await Task.sleep(for: .milliseconds(25))
      } catch {
        throw ClusterError(.process, "the start of \(name) was cancelled")
      }
    }
  }
}
