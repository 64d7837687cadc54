import KubernetesClient
import RollbackOperator
import Testing

@testable import RollbackCommands

@Suite("get, history and explain")
struct ReadVerbTests {
  private static let web = ObjectReference(kind: .deployment, name: "web")

  private static let trial: JSONValue = [
    "state": "OnTrial",
    "conditions": [condition("Ready", "True", "the policy protects 1 Deployment")],
    "targets": [
      [
        "name": "web", "trialEndsAt": "2027-01-15T08:05:00Z", "current": ["revision": 2, "hash": "hash2"],
        "lastGood": ["revision": 1, "hash": "hash1"],
        "triggers": [
          [
            "name": "pods", "state": "Healthy", "value": "0 of 2", "threshold": "1", "since": "2027-01-15T07:58:00Z",
          ]
        ],
      ]
    ],
  ]

  private static func condition(_ type: String, _ status: String, _ message: String) -> JSONValue {
    [
      "type": .string(type), "status": .string(status), "reason": "Because", "message": .string(message),
      "lastTransitionTime": "2027-01-15T07:58:00Z",
    ]
  }

  @Test("Policies are shown by the columns of their definition")
  func policies() async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.protect(status: Self.trial)
    #expect(try await GetVerb(subject: nil, watches: false).run(desk.session()) == .done)
    let lines = desk.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("NAME   TARGET   MODE") == true)
    #expect(lines.last?.contains("OnTrial") == true && lines.count == 2)
  }

  @Test("Objects are printed as they are", arguments: [OutputFormat.json, .yaml])
  func documents(format: OutputFormat) async throws {
    let desk = try Desk()
    try desk.protect(status: Self.trial)
    _ = try await GetVerb(subject: "policies", watches: false).run(desk.session(format: format))
    let list = try #require(YAMLReader.json(yaml: desk.output))
    #expect(list["kind"] == "List")
    let item = try #require(list["items"]?[0])
    let stored = try #require(desk.object(.rollbackPolicies, "web"))
    #expect(item["spec"]?.isSemanticallyEqual(to: stored["spec"] ?? .null) == true)
    #expect(item["status"]?.isSemanticallyEqual(to: stored["status"] ?? .null) == true)
  }

  @Test("One policy and one Deployment in full", arguments: ["web", "deploy/web"])
  func details(subject: String) async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.protect(status: Self.trial)
    #expect(try await GetVerb(subject: subject, watches: false).run(desk.session()) == .done)
    for text in ["OnTrial", "revision 1", "pods", "0 of 2", "Healthy", "in 5m", "Ready"] {
      #expect(desk.output.contains(text), "\(text) in:\n\(desk.output)")
    }
  }

  @Test("A policy that is not ready is not healthy")
  func notReady() async throws {
    let desk = try Desk()
    try desk.protect(status: ["state": "Invalid", "conditions": [Self.condition("Ready", "False", "wrong field")]])
    #expect(try await GetVerb(subject: "web", watches: false).run(desk.session()) == .refused)
    #expect(desk.output.contains("wrong field"))
  }

  @Test("What is not there is an error that says where it was looked for")
  func missing() async throws {
    let desk = try Desk()
    let failure = await #expect(throws: CommandFailure.self) {
      try await GetVerb(subject: "nowhere", watches: false).run(desk.session())
    }
    #expect(failure?.status == .error && failure?.description.contains("namespace shop") == true)
  }

  @Test("history tells the verdicts, what runs and where an undo would go")
  func history() async throws {
    let desk = try Desk()
    try desk.deploy(["Good", "Bad", nil])
    _ = try await HistoryVerb(Self.web).run(desk.session())
    let lines = desk.output.split(separator: "\n").map(String.init)
    #expect(lines[1].hasPrefix("3") && lines[1].contains("current") && lines[1].contains("web:3"))
    #expect(lines[2].hasPrefix("2") && lines[2].contains("Bad") && lines[2].contains("web-event-2"))
    #expect(lines[3].hasPrefix("1") && lines[3].contains("Good") && lines[3].contains("an undo goes here"))
  }

  @Test("A story is told in order, with values, and says what a person can do")
  func story() async throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: [
      "outcome": "Held",
      "conditions": [Self.condition("Succeeded", "Unknown", "the limit is reached")],
      "timeline": [
        ["at": "2027-01-15T07:59:00Z", "what": "breached"], ["at": "2027-01-15T07:59:30Z", "what": "held"],
      ],
      "steps": [
        [
          "step": "undoRollout", "object": "Deployment/web", "state": "Failed", "startedAt": "2027-01-15T07:59:10Z",
          "finishedAt": "2027-01-15T07:59:20Z", "message": "refused",
        ]
      ],
    ])
    _ = try await ExplainVerb(ObjectReference(kind: nil, name: "web-1")).run(desk.session())
    let lines = desk.output.split(separator: "\n").map(String.init)
    #expect(lines[1].contains("errors (High)") && lines[1].contains("it read 8%, the threshold is 5%"))
    let breached = lines.firstIndex { $0.hasSuffix("breached") }
    let held = lines.firstIndex { $0.hasSuffix("  held") }
    let step = lines.firstIndex { $0.contains("Step undoRollout on Deployment/web is Failed: refused") }
    #expect([breached, step, held] == [3, 4, 5], "\(lines)")
    #expect(desk.output.contains("the limit is reached") && desk.output.contains("kubectl rollback approve web-1"))
  }

  @Test("A paused watch prints a row again only when it has changed, and colour never changes the words")
  func changedRows() throws {
    let desk = try Desk()
    try desk.deploy()
    try desk.event(status: [:])
    var rows = ChangedRows(kind: "RollbackEvent", isWide: false, showsNamespace: false, printsNames: false)
    let session = desk.session(isColoured: true)
    let first = EventItem(try #require(desk.object(.rollbackEvents, "web-1")))
    rows.show(first, session)
    rows.show(first, session)
    #expect(desk.output.split(separator: "\n").count == 2)
    try desk.status(.rollbackEvents, "web-1", ["outcome": "Recovered"])
    rows.show(EventItem(try #require(desk.object(.rollbackEvents, "web-1"))), session)
    #expect(desk.output.split(separator: "\n").count == 3)
    #expect(desk.output.contains("\u{1B}[32mRecovered\u{1B}[0m"))
  }
}
