import FoundationEssentials
import Glibc

/// A cluster that lives in a folder of its own and belongs to another process.
public struct BackgroundCluster: Sendable {
  /// The folder's absolute path.
  public let folder: String

  public init(folder: String) {
    self.folder = ClusterDirectory.absolute(folder)
  }

  /// Whether the cluster runs, as far as its folder tells.
  public enum Status: Sendable, Equatable {
    case stopped
    /// Its owner is still starting, or already stopping it, or was killed a moment ago.
    case changing(owner: Int32)
    case ready(owner: Int32)
  }

  /// How it stands now.
  public var status: Status {
    let lockPath = ClusterDirectory.lockPath(of: folder)
    guard FileSystem.exists(lockPath), FileLock(path: lockPath) == nil,
      let owner = (try? FileSystem.read("\(folder)/owner")).flatMap({ Int32($0.filter(\.isNumber)) }), owner > 1
    else { return .stopped }
    let isAlive = kill(owner, 0) == 0 || errno == EPERM
    return isAlive && FileSystem.exists(readyPath) ? .ready(owner: owner) : .changing(owner: owner)
  }

  /// The administrator's kubeconfig.
  public var kubeconfig: String { "\(folder)/kubeconfig" }

  /// kubectl of the cluster's own version or newer.
  public var kubectl: String { "\(folder)/bin/kubectl" }

  /// The address of the cluster's Prometheus; `nil` when it has none.
  public var prometheusAddress: String? {
    let text = try? FileSystem.read(LocalCluster.prometheusAddressPath(in: folder))
    return text?.split(separator: "\n").first.map(String.init)
  }

  /// What the owner has to say goes there.
  public var logPath: String { "\(folder).log" }

  private var readyPath: String { "\(folder)/ready" }

  /// Starts this program again with other arguments, to own the cluster and to outlive this process and its terminal,
  /// and waits until it calls ``markReady(_:)``.
  ///
  /// - Throws: ``ClusterError`` with the end of the program's log when it ends before, or is not ready in two minutes.
  public func start(arguments: [String]) async throws(ClusterError) {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      throw ClusterError(.process, "this program does not know its own path")
    }
    try FileSystem.makeFolder(FilePaths.parent(of: folder))
    FileSystem.remove(logPath)
    let launch = Launch(
      arguments: [program] + arguments, environment: ProcessInfo.processInfo.environment, log: logPath,
      leavesTerminal: true)
    let owner = try launch.spawn().get()
    let deadline = ContinuousClock.now + .seconds(120)
    while status != .ready(owner: owner) {
      var result: Int32 = 0
      let hasEnded = waitpid(owner, &result, WNOHANG) == owner
      guard !hasEnded, ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(50))) != nil else {
        if !hasEnded { kill(owner, SIGTERM) }
        throw ClusterError(
          .process, "the cluster did not start. The end of \(logPath):\n\(FileSystem.tail(of: logPath, lines: 30))")
      }
    }
  }

  /// Called by the owner once everything works.
  public func markReady(_ cluster: LocalCluster) throws(ClusterError) {
    try FileSystem.makeFolder("\(folder)/bin")
    symlink(cluster.binaries.path("kubectl"), kubectl)
    try FileSystem.write("\(cluster.address)\n", to: readyPath)
  }

  /// Asks the owner to stop the cluster, and waits until it has; kills it when it does not.
  ///
  /// - Returns: whether there was a cluster to stop.
  public func stop() async throws(ClusterError) -> Bool {
    let owner: Int32
    switch status {
    case .stopped: return false
    case .changing(let processID), .ready(let processID): owner = processID
    }
    // Whoever holds the lock has written its number, so that this is no stranger.
    kill(owner, SIGTERM)
    let deadline = ContinuousClock.now + .seconds(30)
    while status != .stopped {
      if ContinuousClock.now > deadline { kill(owner, SIGKILL) }
      guard ContinuousClock.now < deadline + .seconds(10), (try? await Task.sleep(for: .milliseconds(50))) != nil else {
        throw ClusterError(.process, "process \(owner), which runs the cluster in \(folder), does not end")
      }
    }
    return true
  }
}

enum FilePaths {
  static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/"
  }
}
