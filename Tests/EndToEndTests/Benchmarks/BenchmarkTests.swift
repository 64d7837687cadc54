import Testing

@Suite("The benchmarks run, however small", .timeLimitOfQueue)
struct BenchmarkTests {
  /// Beside the operator, since all products are built into one folder.
  private static let executable =
    OperatorInstance.executable.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .joined(separator: "/") + "/benchmarks"

  private static func ratios(_ arguments: String...) async throws -> [Double] {
    let tool = try await Tool.run(executable, arguments)
    try #require(tool.succeeded, "\(tool.error)\(tool.output)")
    #expect(tool.output.contains("Measured by `benchmarks \(arguments[0])"))
    return tool.output.split(separator: "\n").compactMap { line in
      guard line.hasSuffix("** |"), let ratio = line.split(separator: "**").dropLast().last else { return nil }
      return Double(ratio.filter { $0 != "," })
    }
  }

  @Test("Decoding and memory, each beside its reference")
  func withoutCluster() async throws {
    let ratios = try await Self.ratios("--only", "decode", "--only", "memory", "--decoded", "20", "--cached", "50")
    #expect(ratios.count == 4)
    #expect(ratios.allSatisfy { $0 > 0 })
  }

  @Test("Triggers, assessments and requests, each beside its reference")
  func sampling() async throws {
    let ratios = try await Self.ratios(
      "--only", "triggers", "--only", "evaluate", "--only", "requests", "--policies", "20", "--assessments", "5")
    #expect(ratios.count == 12)
    #expect(ratios.allSatisfy { $0 > 0 })
  }

  @Test("The sample path on a control plane and a Prometheus of its own")
  func samplePath() async throws {
    let ratios = try await Self.ratios(
      "--only", "sample-path", "--breaches", "2", "--operator", OperatorInstance.executable, "--manifests",
      "\(Tool.checkout)/manifests")
    #expect(ratios.count == 4)
    #expect(ratios.allSatisfy { $0 > 0 })
  }

  @Test("The event path on a control plane of its own")
  func eventPath() async throws {
    let ratios = try await Self.ratios(
      "--only", "event-path", "--rollbacks", "1", "--operator", OperatorInstance.executable, "--manifests",
      "\(Tool.checkout)/manifests")
    #expect(ratios.count == 3)
    #expect(ratios.allSatisfy { $0 > 0 })
  }
}
