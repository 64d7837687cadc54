import FoundationEssentials
import KubernetesClient
import Testing

@Suite("One bad object never stops the others")
struct ObjectsBoundaryTests {
  private static let good = ObjectFixtures.deployment

  @Test(
    "A bad item of a list is set aside with its metadata, the others are read",
    arguments: [
      (#"{"metadata":{"name":"bad","namespace":"n"},"spec":{"replicas":"three"}}"#, "spec.replicas"),
      (#"{"spec":{"replicas":1.5},"metadata":{"name":"bad","namespace":"n"}}"#, "spec.replicas"),
      (#"{"spec":[],"metadata":{"name":"bad","namespace":"n","labels":[1],"generation":{"x":"}"}}}"#, "spec"),
      (#"{"metadata":{"name":"bad","namespace":"n","creationTimestamp":"yesterday"}}"#, "metadata.creationTimestamp"),
      (
        #"{"metadata":{"name":"bad","namespace":"n"},"status":{"conditions":[{},{"type":1}]}}"#,
        "status.conditions.1.type"
      ),
      (#"{"metadata":{"name":"bad","namespace":"n"},"spec":{"x":NaN,"replicas":1}}"#, "spec.x"),
      (#"{"metadata":{"name":"bad","namespace":"n"},"spec":{"x":1}} "#.replacing("1}", with: nested(200) + "}"), nil),
      (#"{"metadata":{"name":"bad","namespace":"n"},"x":\#(String(repeating: "9", count: 100))}"#, "x"),
    ] as [(String, String?)])
  func list(item: String, path: String?) throws {
    let list = try ObjectList<Deployment>.decode(ObjectFixtures.list(Self.good, item, Self.good))
    #expect(list.items.count == 3)
    #expect(list.resourceVersion == "100" && list.continueToken == "next" && list.remainingItemCount == 5)
    #expect(list.items[0] == list.items[2] && list.items[0].object != nil)
    guard case .undecodable(let broken) = list.items[1] else {
      Issue.record("was decoded: \(list.items[1])")
      return
    }
    #expect(broken.metadata.name == "bad" && broken.metadata.namespace == "n")
    if let path { #expect(broken.error.path == path) }
    if path == nil { #expect(broken.error.reason == .tooDeep) }
  }

  private static func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  @Test("Items that are no objects at all are set aside", arguments: ["null", "1", "\"x\"", "[]", "true"])
  func scalars(item: String) throws {
    let list = try ObjectList<Deployment>.decode(ObjectFixtures.list(item, Self.good))
    #expect(list.items.count == 2 && list.items[0].object == nil && list.items[1].object != nil)
  }

  @Test("An object that is too large is set aside")
  func tooLarge() throws {
    let padding = String(repeating: "x", count: Decoded<Deployment>.maximumObjectSize)
    let item = #"{"metadata":{"name":"bad"},"padding":"\#(padding)"}"#
    let list = try ObjectList<Deployment>.decode(ObjectFixtures.list(Self.good, item, Self.good))
    guard case .undecodable(let broken) = list.items[1] else {
      Issue.record("was decoded")
      return
    }
    #expect(broken.error.reason == .tooLarge && broken.metadata.name == "bad")
    #expect(list.items[2].object != nil)
  }

  @Test(
    "A body that is no list is an error",
    arguments: ["", "{}", "[]", "{\"items\":[{]}", "{\"items\":[{}", "{\"items\":{}}"])
  func noList(text: String) {
    #expect(throws: JSONError.self) { try ObjectList<Deployment>.decode(Array(text.utf8)) }
  }

  @Test("An empty list is a list", arguments: ["null", "[]"])
  func emptyList(items: String) throws {
    let list = try ObjectList<Pod>.decode(Array("{\"metadata\":{\"continue\":\"\"},\"items\":\(items)}".utf8))
    #expect(list.items.isEmpty && list.continueToken == nil && list.remainingItemCount == nil)
  }

  @Test("Watch lines of each type, with members in any order")
  func watchLines() throws {
    let object = Self.good
    func line(_ text: String) throws -> WatchLine<Deployment> { try .decode(Array(text.utf8)) }
    for text in ["{\"type\":\"ADDED\",\"object\":\(object)}", "{\"object\":\(object),\"type\":\"ADDED\"}"] {
      guard case .added(.object(let deployment)) = try line(text) else {
        Issue.record("not added")
        return
      }
      #expect(deployment.metadata.name == "web")
    }
    if case .modified(.object) = try line("{\"type\":\"MODIFIED\",\"object\":\(object)}\r") {} else { Issue.record() }
    if case .deleted(.object) = try line("{\"type\":\"DELETED\",\"object\":\(object)}") {} else { Issue.record() }
    let bad = try line(#"{"type":"DELETED","object":{"metadata":{"name":"bad"},"spec":1}}"#)
    guard case .deleted(.undecodable(let broken)) = bad else {
      Issue.record("decoded")
      return
    }
    #expect(broken.metadata.name == "bad" && broken.error.path == "spec")
  }

  @Test("Bookmarks say whether the initial list is whole; errors carry a Status")
  func otherLines() throws {
    func line(_ text: String) throws -> WatchLine<Deployment> { try .decode(Array(text.utf8)) }
    let plain = #"{"type":"BOOKMARK","object":{"kind":"Deployment","metadata":{"resourceVersion":"12"}}}"#
    let annotations = #"{"k8s.io/initial-events-end":"true"}"#
    let end =
      #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"13","annotations":\#(annotations)}}}"#
    for (text, version, isEnd) in [(plain, "12", false), (end, "13", true)] {
      guard case .bookmark(let resourceVersion, let endsInitialEvents) = try line(text) else {
        Issue.record("no bookmark")
        return
      }
      #expect(resourceVersion == version && endsInitialEvents == isEnd)
    }
    let status = #"{"kind":"Status","status":"Failure","reason":"Expired","code":410,"message":"too old"}"#
    guard case .error(let error) = try line("{\"type\":\"ERROR\",\"object\":\(status)}") else {
      Issue.record("no error")
      return
    }
    #expect(error == Status(message: "too old", reason: "Expired", code: 410))
  }

  @Test(
    "Lines that are no watch events are errors",
    arguments: [
      "", "{}", "{\"type\":\"ADDED\"}", "{\"object\":{}}", "{\"type\":\"NEW\",\"object\":{}}",
      "{\"type\":\"ADDED\",\"object\":{",
      "{\"type\":\"BOOKMARK\",\"object\":{}}", "{\"type\":\"ADDED\",\"object\":{}}{}", "{\"type\":1,\"object\":{}}",
    ])
  func badLines(text: String) {
    #expect(throws: JSONError.self) { try WatchLine<Deployment>.decode(Array(text.utf8)) }
  }

  @Test("Changed objects are decoded or set aside, and nothing traps", arguments: 0..<4 as Range<UInt64>)
  func fuzz(seed: UInt64) {
    var generator = JSONFuzzGenerator(seed: seed)
    let texts = [ObjectFixtures.deployment, ObjectFixtures.pod, ObjectFixtures.replicaSet, ObjectFixtures.lease]
    for _ in 0..<250 {
      for text in texts {
        let bytes = generator.mutated(Array(text.utf8))
        _ = try? Deployment.decode(bytes)
        _ = try? Pod.decode(bytes)
        _ = try? ReplicaSetMetadata.decode(bytes)
        _ = try? Lease.decode(bytes)
        let line = Array("{\"type\":\"ADDED\",\"object\":".utf8) + bytes + Array("}".utf8)
        _ = try? WatchLine<Pod>.decode(line)
        _ = try? ObjectList<Pod>.decode(Array("{\"items\":[{},".utf8) + bytes + Array(",{}]}".utf8))
        _ = Status.decode(bytes)
      }
    }
  }

  @Test("Objects cut off at every byte are errors")
  func truncation() {
    for text in [ObjectFixtures.deployment, ObjectFixtures.pod, ObjectFixtures.lease] {
      let bytes = Array(text.utf8)
      for length in bytes.indices {
        #expect(throws: JSONError.self) { try Deployment.decode(Array(bytes[..<length])) }
        #expect(throws: JSONError.self) { try ObjectList<Pod>.decode(Array("{\"items\":[".utf8) + bytes[..<length]) }
      }
    }
  }
}
