import KubernetesClient
import Testing

@testable import RollbackCommands

@Suite("Names, ages and tables")
struct TextTests {
  @Test("Names and kinds as kubectl takes them")
  func references() throws {
    #expect(try ObjectReference("deploy/web") == ObjectReference(kind: .deployment, name: "web"))
    #expect(try ObjectReference("deployments.apps/web").kind == .deployment)
    #expect(try ObjectReference("rbp/web").kind == .policy)
    #expect(try ObjectReference("web").kind == nil)
    for text in ["", "deploy/", "pod/web", "deploy/web/2", "../secrets", "We b", "web?x"] {
      #expect(throws: CommandFailure.self, "\(text)") { try ObjectReference(text) }
    }
    #expect(throws: CommandFailure.self) { try ObjectReference("policy/web").resolved(.deployment) }
  }

  @Test(
    "Ages as kubectl writes them",
    arguments: [
      (0, "0s"), (119, "119s"), (120, "2m"), (150, "2m30s"), (600, "10m"), (10_800, "3h"), (12_000, "3h20m"),
      (100_000, "27h"), (172_800, "2d"), (176_400, "2d1h"), (864_000, "10d"), (94_608_000, "3y"),
    ])
  func ages(seconds: Double, text: String) {
    #expect(Age.text(seconds: seconds) == text)
  }

  @Test("Flags may stand before the subcommand, as they may for kubectl")
  func argumentOrder() {
    func ordered(_ arguments: String...) -> [String] {
      ArgumentOrder.subcommandFirst(arguments, names: ["get", "undo"])
    }
    #expect(ordered("-n", "get", "get", "web") == ["get", "web", "-n", "get"])
    #expect(ordered("--as=ann", "-A", "get") == ["get", "--as=ann", "-A"])
    #expect(ordered("get", "-n", "shop") == ["get", "-n", "shop"])
    #expect(ordered("--help", "get") == ["--help", "get"])
    #expect(ordered("-n", "shop") == ["-n", "shop"])
    #expect(ordered("-n") == ["-n"])
    #expect(ordered() == [])
  }

  @Test("Ages of nothing and of impossible times do not trap")
  func strangeAges() {
    #expect(Age.text(since: nil, at: Desk.now) == "<unknown>")
    #expect(Age.text(seconds: .infinity) == "<unknown>")
    #expect(Age.text(seconds: -5) == "0s")
  }

  @Test(
    "What looks like something else is quoted in YAML", arguments: ["true", "1", "no", "a: b", "", " x", "- y", "#"])
  func yaml(text: String) throws {
    let value: JSONValue = ["key": .string(text), "lines": "a\nb\n", "number": 3, "list": [true, nil]]
    #expect(YAMLReader.json(yaml: try YAMLText.text(value)) == value)
  }
}
