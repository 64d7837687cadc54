import FoundationEssentials
import Glibc

/// The folder of one cluster: certificates, data, logs. It belongs to the process that holds its lock.
final class ClusterDirectory: Sendable {
  let root: String
  /// Whether the folder goes when the cluster is stopped.
  let isTemporary: Bool
  private let lock: FileLock

  func path(_ relative: String) -> String { "\(root)/\(relative)" }

  /// Where this user's temporary clusters and port locks are.
  static var base: String {
    "\(FileManager.default.temporaryDirectory.path)/rollback-operator-\(getuid())"
  }

  /// - Parameter root: the folder to use; `nil` for a temporary one. What a cluster whose owner is gone has left in it
  ///   is removed first.
  init(root: String?) throws(ClusterError) {
    try FileSystem.makeFolder(Self.base)
    // The name can be guessed, and private keys are kept there.
    guard FileSystem.takeForThisUser(Self.base) else {
      throw ClusterError(.files, "\(Self.base) belongs to another user; set TMPDIR to another folder")
    }
    isTemporary = root == nil
    self.root = root.map(Self.absolute) ?? "\(Self.base)/cluster-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try FileSystem.makeFolder(self.root)
    let lockPath = Self.lockPath(of: self.root)
    // What is not known to be a cluster's is never removed.
    guard FileSystem.exists(lockPath) || FileSystem.entries(of: self.root).isEmpty else {
      throw ClusterError(.files, "\(self.root) is not empty and not the folder of a cluster; choose another folder")
    }
    guard let lock = FileLock(path: lockPath) else {
      throw ClusterError(.files, "another process runs a cluster in \(self.root)")
    }
    self.lock = lock
    Self.killLeftovers(in: self.root)
    clear(keeping: [])
    try FileSystem.write("\(getpid())\n", to: path("owner"))
    for folder in ["logs", "processes", "kubeconfigs", "etcd"] { try FileSystem.makeFolder(path(folder)) }
  }

  /// Removes the folder, or of one that somebody has chosen everything but the logs.
  func remove() {
    if isTemporary { FileSystem.remove(root) } else { clear(keeping: ["logs", "audit.log"]) }
  }

  private func clear(keeping kept: Set<String>) {
    for entry in FileSystem.entries(of: root) where entry != Self.lockName && !kept.contains(entry) {
      FileSystem.remove(path(entry))
    }
  }

  private static let lockName = "local-cluster.lock"

  static func lockPath(of root: String) -> String { "\(root)/\(lockName)" }

  /// Removes what clusters whose owner was killed have left in the temporary folder.
  static func sweep() {
    for entry in FileSystem.entries(of: base) where entry.hasPrefix("cluster-") {
      let folder = "\(base)/\(entry)"
      // A folder that has no lock yet is being made at this moment.
      let path = lockPath(of: folder)
      guard FileSystem.exists(path), let lock = FileLock(path: path) else { continue }
      withExtendedLifetime(lock) {
        killLeftovers(in: folder)
        FileSystem.remove(folder)
      }
    }
  }

  /// Kills servers of a cluster whose owner is gone. The kernel has done this already but in the rarest of races.
  private static func killLeftovers(in folder: String) {
    for name in FileSystem.entries(of: "\(folder)/processes") {
      guard let text = try? FileSystem.read("\(folder)/processes/\(name)"),
        let processID = pid_t(text.filter(\.isNumber)), processID > 1,
        let commandLine = FileManager.default.contents(atPath: "/proc/\(processID)/cmdline"),
        String(decoding: commandLine, as: UTF8.self).contains(folder + "/")
      else { continue }
      kill(processID, SIGKILL)
    }
  }

  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    return "\(FileManager.default.currentDirectoryPath)/\(path)"
  }
}
