import FoundationEssentials
import KubernetesClient
import Testing

@testable import RollbackCommands

@Suite("The plugin knows the kinds as they are installed")
struct EmbeddedDefinitionsTests {
  private static let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  @Test("The embedded definitions are those of manifests/crds; after a change run `make schema`")
  func equal() throws {
    let folder = "\(Self.checkout)/manifests/crds"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.sorted()
    #expect(EmbeddedDefinitions.files.map(\.name) == names, "run `make schema`")
    for file in EmbeddedDefinitions.files {
      let data = FileManager.default.contents(atPath: "\(folder)/\(file.name)")
      #expect(
        file.text == data.map { String(decoding: $0, as: UTF8.self) }, "\(file.name) was changed: run `make schema`")
    }
  }

  @Test("Kinds, versions and columns are read from them")
  func columns() throws {
    let event = try #require(ResourceDefinition.all["RollbackEvent"])
    #expect(event.apiVersion == "rollback-operator.io/v1alpha1")
    #expect(event.columns.contains { $0.name == "OUTCOME" && $0.path == ".status.outcome" && !$0.isWide })
    #expect(event.columns.contains { $0.isWide })
    #expect(ResourceDefinition.all["RollbackPolicy"]?.columns.isEmpty == false)
  }

  @Test("A path leads through members and elements")
  func paths() {
    #expect(ColumnPath.value(at: ".a.b[1].c", in: ["a": ["b": [1, ["c": "x"]]]])?.displayed == "x")
    #expect(ColumnPath.value(at: ".a.b[2].c", in: ["a": ["b": [1]]]) == nil)
    #expect(ColumnPath.value(at: ".a[?(@.x)]", in: ["a": [1]]) == nil)
  }
}
