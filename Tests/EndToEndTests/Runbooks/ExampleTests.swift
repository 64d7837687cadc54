import LocalCluster
import Testing

@Suite("The examples of the manifests", .timeLimitOfQueue)
struct ExampleTests {
  @Test("The API server accepts each of them with all of its rules", arguments: Example.all)
  func accepted(example: Example) async throws {
    let world = try await World.shared()
    let answer = try await world.kubectl(
      ["create", "--validate=strict", "--dry-run=server", "-f", "-"], input: example.policy(in: "default"))
    #expect(answer.succeeded, "\(answer.error)")
  }

  @Test("kubectl rollback lint finds nothing wrong in any of them")
  func lint() async throws {
    try #require(Example.all.count > 10)
    let folders = Example.all.flatMap { ["-f", "\(Tool.checkout)/manifests/examples/\($0.name)"] }
    let answer = try await Tool.run(Plugin.executable, ["lint"] + folders)
    #expect(answer.succeeded, "\(answer.output)\(answer.error)")
    let judged = answer.output.split(separator: "\n").count { $0.hasSuffix("1 document, nothing wrong") }
    #expect(judged == Example.all.count, "\(answer.output)")
  }

  @Test("A replacement that finds nothing, or that is not about time, is an error")
  func replacements() throws {
    let example = Example("error-rate")
    #expect(try example.policy(in: "a", ["for: 2m → 2s"]).contains("\n    for: 2s\n"))
    #expect(throws: HarnessError.self) { try example.policy(in: "a", ["for: 3m → 2s"]) }
    #expect(throws: HarnessError.self) { try example.policy(in: "a", ["above: 5% → 1%"]) }
    #expect(throws: HarnessError.self) { try Example("nothing").policy(in: "a") }
  }
}
