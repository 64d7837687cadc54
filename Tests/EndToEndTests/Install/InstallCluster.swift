import LocalCluster
import Testing

/// One control plane with the project's CRDs for all tests of a suite: the shared one, or one where nothing else is.
struct InstallCluster: SuiteTrait, TestScoping {
  @TaskLocal static var current: LocalCluster?

  let isShared: Bool

  let isRecursive = false

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    guard !isShared else {
      let world = try await World.shared()
      try await Self.$current.withValue(world.cluster) { try await function() }
      return
    }
    try await Slots.ownClusters.use {
      let cluster = try await LocalCluster.start()
      do {
        try await cluster.installCRDs(from: ["\(Tool.checkout)/manifests/crds"])
        try await Self.$current.withValue(cluster) { try await function() }
        await cluster.stop()
      } catch {
        await cluster.stop()
        throw error
      }
    }
  }
}

extension Trait where Self == InstallCluster {
  /// A control plane where nothing else is.
  static var installCluster: Self { Self(isShared: false) }
  /// The control plane that all tests share.
  static var sharedCluster: Self { Self(isShared: true) }
}

extension LocalCluster {
  /// The cluster of the suite's trait.
  static var ofSuite: LocalCluster {
    get throws { try #require(InstallCluster.current) }
  }

  /// kubectl as a cluster administrator; it gives up on a silent server after 30 s.
  func kubectl(_ arguments: String..., input: String = "") async throws -> Tool {
    try await Tool.run(
      binaries.path("kubectl"), ["--kubeconfig", kubeconfig, "--request-timeout=30s"] + arguments, input: input)
  }
}
