import FoundationEssentials
import Glibc
import Subprocess

/// A version as `kube-apiserver --version` says it.
public struct KubernetesVersion: Sendable, Comparable, CustomStringConvertible {
  public var major: Int
  public var minor: Int

  public init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads `Kubernetes v1.20.2`, `v1.36.0-rc.1+abc` and the like; `nil` when there is no version in the text.
  public init?(parsing text: some StringProtocol) {
    for word in text.split(whereSeparator: \.isWhitespace) where word.hasPrefix("v") {
      let parts = word.dropFirst().split(separator: ".", maxSplits: 2)
      if parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isNumber }) {
        self.init(major: major, minor: minor)
        return
      }
    }
    return nil
  }

  public static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

  public var description: String { "\(major).\(minor)" }
}

/// The programs that make up a control plane.
public struct KubernetesBinaries: Sendable {
  /// The folder they are in.
  public var folder: String
  public var version: KubernetesVersion
  /// Whether `apiextensions-apiserver` is among them.
  public var hasCustomResourceServer: Bool

  /// The path of one of them.
  public func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Finds the binaries: `KUBERNETES_BIN`, else the newest whole folder of the cache that `make` fills.
  ///
  /// - Parameter environment: `nil` for this process's own.
  public static func locate(
    environment: [String: String]? = nil
  ) async throws(ClusterError) -> KubernetesBinaries {
    let folder = try folder(environment: environment ?? ProcessInfo.processInfo.environment)
    for name in ["etcd", "kube-apiserver", "kube-controller-manager"]
    where !FileSystem.isExecutable("\(folder)/\(name)") {
      throw ClusterError(.binaries, "\(folder) has no executable \(name)")
    }
    return KubernetesBinaries(
      folder: folder, version: try await version(of: "\(folder)/kube-apiserver"),
      hasCustomResourceServer: FileSystem.isExecutable("\(folder)/apiextensions-apiserver"))
  }

  private static func folder(environment: [String: String]) throws(ClusterError) -> String {
    if let folder = environment["KUBERNETES_BIN"], !folder.isEmpty { return folder }
    let cache = BinaryCache(environment: environment)
    guard let newest = cache.newest("kubernetes") else {
      throw ClusterError(
        .binaries,
        "no Kubernetes binaries in \(cache.folder): `make binaries` gets them, or set KUBERNETES_BIN to a folder with "
          + "etcd, kube-apiserver, kube-controller-manager and kubectl")
    }
    return newest
  }

  private static func version(of program: String) async throws(ClusterError) -> KubernetesVersion {
    let output: String
    do {
      let result = try await run(
        .name("env"), arguments: [program, "--version"], output: .string(limit: 4096), error: .discarded)
      output = result.standardOutput
    } catch {
      throw ClusterError(.binaries, "\(program) --version could not be run: \(error)")
    }
    guard let version = KubernetesVersion(parsing: output) else {
      throw ClusterError(.binaries, "\(program) --version does not say a version: \(output.prefix(200))")
    }
    return version
  }
}
