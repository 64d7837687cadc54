import KubernetesClient
import LocalCluster
import Testing

@Suite("The API server knows what a policy and an event are", .sharedCluster, .timeLimitOfQueue)
struct SchemaTests {
  init() throws {
    if try !LocalCluster.ofSuite.capabilities.validatesCustomResourcesWithCEL {
      try Test.cancel("these binaries do not serve CEL rules of custom resources")
    }
  }

  @Test("A policy is accepted, or refused with a sentence", arguments: SchemaCase.policies)
  func policy(_ example: SchemaCase) async throws { try await judge(example) }

  @Test("An event is accepted, or refused with a sentence", arguments: SchemaCase.events)
  func event(_ example: SchemaCase) async throws { try await judge(example) }

  private func judge(_ example: SchemaCase) async throws {
    let answer = try await LocalCluster.ofSuite.kubectl(
      "create", "--validate=strict", "--dry-run=server", "-f", "-", input: example.document)
    if let refusal = example.refusal {
      #expect(!answer.succeeded)
      #expect(answer.error.contains(refusal), "\(answer.error)")
    } else {
      #expect(answer.succeeded, "\(answer.error)")
    }
  }

  @Test("What a policy leaves out is filled in")
  func defaults() async throws {
    let smallest = try #require(SchemaCase.policies.first).document
    let answer = try await LocalCluster.ofSuite.kubectl(
      "create", "--dry-run=server", "-o", "json", "-f", "-", input: smallest)
    let spec = try #require(try JSONValue(parsing: Array(answer.output.utf8))["spec"])
    let expected: JSONValue = [
      "target": ["kind": "Deployment", "name": "web"], "mode": "Auto", "suspend": false,
      "trial": ["window": "10m", "initialDelay": "0s"], "verification": ["timeout": "5m"],
      "limits": ["cooldown": "0s", "maxRollbacks": 3, "per": "1h"],
      "lastGood": ["fallback": "Previous", "maxRevisionsBack": 10],
    ]
    #expect(spec.isSemanticallyEqual(to: expected), "\(answer.output)")
  }

  @Test("An event's intent cannot be changed, and its approval is given once")
  func immutability() async throws {
    let cluster = try LocalCluster.ofSuite
    let event = try #require(SchemaCase.events.first).document
    let namespace = "immutability"
    #expect(try await cluster.kubectl("create", "namespace", namespace).succeeded)
    #expect(try await cluster.kubectl("create", "-n", namespace, "-f", "-", input: event).succeeded)
    for (patch, refusal) in Self.patches {
      let answer = try await cluster.kubectl(
        "patch", "rollbackevent", "web-6d5f8c9b7d-1a2b3", "-n", namespace, "--type=merge", "-p", #"{"spec":\#(patch)}"#)
      #expect(answer.succeeded == (refusal == nil), "\(patch): \(answer.error)")
      #expect(answer.error.contains(refusal ?? ""), "\(patch): \(answer.error)")
    }
  }

  static let patches: [(String, String?)] = [
    (#"{"origin":"Manual"}"#, "spec.origin: Invalid value"),
    (#"{"policy":{"name":"other"}}"#, "spec.policy cannot be changed once made; make a new RollbackEvent instead"),
    (#"{"policy":null}"#, "spec.policy cannot be changed once made"),
    (#"{"target":{"name":"other"}}"#, "spec.target: Invalid value: cannot be changed once made"),
    (#"{"trigger":{"value":"9"}}"#, "spec.trigger cannot be changed once made"),
    (#"{"reason":"another"}"#, "spec.reason cannot be changed once made"),
    (#"{"requestedBy":"ann"}"#, "spec.requestedBy cannot be changed once made"),
    (#"{"suspect":{"images":["web:9"]}}"#, "spec.suspect cannot be changed once made"),
    (#"{"to":null}"#, "spec.to cannot be changed once made"),
    (#"{"mode":"Observe"}"#, "spec.mode: Invalid value"),
    (#"{"approval":{"decision":"Perhaps","by":"ann"}}"#, "Unsupported value: \"Perhaps\""),
    (#"{"approval":{"decision":"Approved"}}"#, "spec.approval.by"),
    (#"{"approval":{"decision":"Approved","by":""}}"#, "spec.approval.by"),
    (#"{"approval":{"by":"ann"}}"#, "spec.approval.decision"),
    (#"{"approval":{"decision":"Approved","by":"ann","at":"noon"}}"#, "spec.approval.at"),
    (#"{"approval":{"decision":"Approved","by":"ann","at":"2026-01-02T03:04:05Z","reason":"seen"}}"#, nil),
    (#"{"approval":{"by":"eve"}}"#, "spec.approval was already given and can be given only once"),
    (#"{"approval":{"at":null}}"#, "spec.approval was already given and can be given only once"),
    (#"{"approval":{"decision":"Rejected"}}"#, "spec.approval was already given and can be given only once"),
    (#"{"approval":{"reason":"late"}}"#, "spec.approval was already given and can be given only once"),
    (#"{"approval":null}"#, "spec.approval was already given and can be given only once"),
  ]

  @Test("What is printed of both kinds fits 80 columns")
  func columns() async throws {
    let cluster = try LocalCluster.ofSuite
    let namespace = "columns"
    #expect(try await cluster.kubectl("create", "namespace", namespace).succeeded)
    let documents = [try #require(SchemaCase.events.first), try #require(SchemaCase.policies.first)].map(\.document)
    let made = try await cluster.kubectl(
      "create", "-n", namespace, "-f", "-", input: documents.joined(separator: "---\n"))
    #expect(made.succeeded, "\(made.error)")
    let statuses = [
      ("rollbackevent/web-6d5f8c9b7d-1a2b3", Self.eventStatus), ("rollbackpolicy/smallest", Self.policyStatus),
    ]
    for (object, status) in statuses {
      let patched = try await cluster.kubectl(
        "patch", object, "-n", namespace, "--subresource=status", "--type=merge", "-p", status)
      #expect(patched.succeeded, "\(patched.error)")
    }
    let events = try await cluster.kubectl("get", "rollbackevents", "-n", namespace).output.split(separator: "\n")
    try #require(events.count == 2)
    #expect(events[0].split(separator: " ") == ["NAME", "TRIGGER", "FROM", "TO", "OUTCOME", "RECOVERED-IN", "AGE"])
    #expect(
      events[1].split(separator: " ").prefix(6) == [
        "web-6d5f8c9b7d-1a2b3", "pods", "13", "12", "NotRecovered", "12.5s",
      ])
    let policies = try await cluster.kubectl("get", "rbp", "-n", namespace).output.split(separator: "\n")
    try #require(policies.count == 2)
    let headings = ["NAME", "TARGET", "MODE", "STATE", "GOOD", "CURRENT", "LAST-EVENT", "AGE"]
    #expect(policies[0].split(separator: " ").map(String.init) == headings)
    #expect(policies[1].contains("Watching") && policies[1].contains(" 12 ") && policies[1].contains(" 13 "))
    // The policy of this test has a name of eight letters, "web" has three.
    for line in events + policies { #expect(line.count <= 80 + 5, "\(line)") }
    for line in events { #expect(line.count <= 80, "\(line)") }
  }

  static let eventStatus = """
    {"status": {"outcome": "NotRecovered", "rung": "undo", "recoveredAfter": "12.5s",
      "from": {"revision": 13, "hash": "6d5f8c9b7d"}, "to": {"revision": 12, "hash": "5c4d7b8a6f"},
      "steps": [{"rung": "undo", "step": "undoRollout", "object": "Deployment/web", "state": "Done",
        "before": {"revision": "13", "hash": "6d5f8c9b7d"}}]}}
    """

  static let policyStatus = """
    {"status": {"state": "Watching", "lastEvent": "web-6d5f8c9b7d-1a2b3", "targets": [
      {"name": "web", "current": {"revision": 13}, "lastGood": {"revision": 12}}]}}
    """
}
