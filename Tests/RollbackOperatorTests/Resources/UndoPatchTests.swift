import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("The one write that undoes a rollout")
struct UndoPatchTests {
  private static let template: JSONValue = ["spec": ["containers": [["name": "web", "image": "web:1"]]]]
  private static let event = EventObject(
    metadata: ObjectMeta(name: "web-r2-abcde", namespace: "shop"), spec: Maximal.eventSpec)

  private static func live(annotations: JSONValue?) -> LiveWorkload {
    var document: JSONValue = ["metadata": ["name": "web"]]
    document["metadata"]?["annotations"] = annotations
    return LiveWorkload(
      deployment: Deployment(metadata: ObjectMeta(name: "web", namespace: "shop", uid: "u", resourceVersion: "17")),
      templates: ["uid-r1": template], document: document, revisions: [.test(1), .test(2)])
  }

  @Test("It tests what was read, replaces the whole template and says why")
  func operations() throws {
    let patch = try #require(UndoPatch(Self.live(annotations: ["a": "b"]), to: .test(1), event: Self.event))
    #expect(patch.resourceVersion == "17")
    #expect(
      patch.operations == [
        .test(path: "/metadata/uid", value: "u"), .test(path: "/metadata/resourceVersion", value: "17"),
        .replace(path: "/spec/template", value: Self.template),
        .add(
          path: "/metadata/annotations/kubernetes.io~1change-cause",
          value: "rollback to revision 1 (r1) by RollbackEvent web-r2-abcde"),
      ])
  }

  @Test("Where there are no annotations, they are made")
  func noAnnotations() throws {
    let patch = try #require(UndoPatch(Self.live(annotations: nil), to: .test(1), event: Self.event))
    let cause: JSONValue = "rollback to revision 1 (r1) by RollbackEvent web-r2-abcde"
    #expect(
      patch.operations.last == .add(path: "/metadata/annotations", value: ["kubernetes.io/change-cause": cause]))
    #expect(patch.operations.count == 4)
  }

  @Test("A verdict that was copied to the Deployment goes, and nothing else of the annotations")
  func copiedVerdict() throws {
    let annotations: JSONValue = [
      "rollback-operator.io/verdict": "Bad", "rollback-operator.io/verdict-hash": "r2",
      "rollback-operator.io/forgiven": "1", "example.com/a~b": "c",
    ]
    let patch = try #require(UndoPatch(Self.live(annotations: annotations), to: .test(1), event: Self.event))
    let removed = patch.operations.compactMap { operation -> String? in
      if case .remove(let path) = operation { path } else { nil }
    }
    #expect(
      removed == [
        "/metadata/annotations/rollback-operator.io~1verdict",
        "/metadata/annotations/rollback-operator.io~1verdict-hash",
      ])
  }

  @Test(
    "Whose undo brought back what runs is read from what it signed with",
    arguments: [
      ("rollback to revision 1 (r1) by RollbackEvent web-r2-abcde", "web-r2-abcde"),
      ("rollback to revision 1 (r1) by RollbackEvent ../../x", nil), ("by RollbackEvent", nil),
      ("kubectl set image web=web:2", nil), ("", nil),
    ])
  func signer(cause: String, event: String?) {
    #expect(UndoPatch.signer(of: Self.live(annotations: ["kubernetes.io/change-cause": .string(cause)])) == event)
    #expect(UndoPatch.signer(of: Self.live(annotations: nil)) == nil)
  }

  @Test("Keys are escaped as RFC 6901 says")
  func escaping() {
    #expect(UndoPatch.path("example.com/a~b/c") == "/metadata/annotations/example.com~1a~0b~1c")
  }

  @Test("Without the template there is nothing to write")
  func noTemplate() {
    #expect(UndoPatch(Self.live(annotations: nil), to: .test(3), event: Self.event) == nil)
  }
}
