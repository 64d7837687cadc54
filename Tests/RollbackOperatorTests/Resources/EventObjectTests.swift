import ControllerRuntime
import KubernetesClient
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("RollbackEvents as they are cached")
struct EventObjectTests {
  private static func event(_ spec: JSONValue, _ status: JSONValue? = nil) throws(JSONError) -> EventObject {
    var document: JSONValue = [
      "apiVersion": "rollback-operator.io/v1alpha1", "kind": "RollbackEvent",
      "metadata": [
        "name": "web-1", "namespace": "shop", "uid": "e", "resourceVersion": "7",
        "creationTimestamp": "2026-01-01T00:00:00Z",
      ],
      "spec": spec,
    ]
    document["status"] = status
    return try EventObject(document)
  }

  @Test("The smallest manual event has the workload of its own namespace as target")
  func smallest() throws {
    let event = try Self.event(["origin": "Manual", "target": ["kind": "Deployment", "name": "web"], "reason": "x"])
    #expect(event.targetName.description == "shop/web")
    #expect(event.record.createdAt == testStart)
    #expect(event.facts.isAutomatic == false && event.facts.outcome == nil && !event.facts.hasStarted)
  }

  @Test("A whole event is read as it was written")
  func whole() throws {
    let event = try Self.event(
      try JSONValue(encoding: Maximal.eventSpec), try JSONValue(encoding: Maximal.eventStatus))
    #expect(event.spec == Maximal.eventSpec && event.status == Maximal.eventStatus)
    #expect(event.facts.suspectHash == "6d5f8c9b7d" && event.facts.suspectRevision == 3)
    #expect(event.facts.hasStarted && event.facts.isFinal)
  }

  @Test(
    "What is of the wrong type makes the event undecodable, with the path",
    arguments: [
      ("{origin: Manual, target: web}", "target"),
      ("{origin: Nobody, target: {kind: Deployment, name: web}}", "origin"),
      ("{origin: Manual, target: {kind: Deployment, name: web}, suspect: {revision: many}}", "suspect.revision"),
      (
        "{origin: Manual, target: {kind: Deployment, name: web}, trigger: {name: a, severity: High, since: 5}}", "since"
      ),
    ])
  func wrongTypes(spec: String, path: String) throws {
    let value = try YAMLDocument.value(spec)
    let error = #expect(throws: JSONError.self) { try Self.event(value) }
    #expect(error?.path.hasSuffix(path) == true, "\(error as Any)")
  }

  @Test(
    "What is no name of a workload never gets into a request",
    arguments: ["", "..", "../web", "web/scale", "Web", "a b"])
  func names(name: String) {
    let error = #expect(throws: JSONError.self) {
      try Self.event(["origin": "Manual", "target": ["kind": "Deployment", "name": .string(name)], "reason": "x"])
    }
    #expect(error?.path == "spec.target.name")
  }

  @Test("An event without a spec says so")
  func missing() {
    let error = #expect(throws: JSONError.self) { try EventObject(["metadata": ["name": "web"]]) }
    #expect(error?.reason == .missing("spec"))
  }
}
