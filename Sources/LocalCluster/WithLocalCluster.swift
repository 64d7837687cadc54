/// Runs `body` with a cluster that is gone afterwards, also when `body` throws or is cancelled.
///
/// - Parameters:
///   - nodes: how many nodes are simulated; 0 for none.
///   - crds: files or folders with CustomResourceDefinitions to install.
public func withLocalCluster<Result: Sendable>(
  _ options: LocalCluster.Options = .init(), nodes: Int = 3, crds: [String] = [],
  _ body: (LocalCluster) async throws -> Result
) async throws -> Result {
  let cluster = try await LocalCluster.start(options)
  do {
    if nodes > 0 { try await cluster.startNodes(count: nodes) }
    if !crds.isEmpty { try await cluster.installCRDs(from: crds) }
    let result = try await body(cluster)
    await cluster.stop()
    return result
  } catch {
    await cluster.stop()
    throw error
  }
}
