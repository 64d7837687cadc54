import LocalCluster
import Testing

@Suite(
  "The chart installs the operator", .installCluster, .timeLimitOfQueue,
  .enabled(if: Tool.isInstalled("python3"), "Helm's code comes as a Python package: python3 is needed"))
struct ChartTests {
  @Test("Real Helm code renders it for each file of values, and the API server takes the result")
  func chart() async throws {
    let cluster = try LocalCluster.ofSuite
    let python = try await Tool.run("\(Tool.checkout)/Tests/Scripts/helm-python.sh", [])
    try #require(python.succeeded, "\(python.error)")
    var arguments = [
      "\(Tool.checkout)/Tests/Scripts/chart-check.py", "--chart", "\(Tool.checkout)/charts/rollback-operator",
      "--cases", "\(Tool.checkout)/Tests/Fixtures/chart", "--kubeconfig", cluster.kubeconfig,
      "--kubectl", cluster.binaries.path("kubectl"),
    ]
    if cluster.customResourceKubeconfig != cluster.kubeconfig {
      arguments += ["--crd-kubeconfig", cluster.customResourceKubeconfig]
    }
    let program = python.output.split(separator: "\n").last.map(String.init) ?? ""
    let check = try await Tool.run(program, arguments)
    #expect(check.succeeded, "\(check.output)\(check.error)")
  }
}
