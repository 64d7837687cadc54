import KubernetesClient
import LocalCluster
import Testing

/// The API server of these tests may be too old for a ValidatingAdmissionPolicy. Its expressions are CEL, as the rules
/// of a CRD are: so they are asked as rules of a made-up kind whose fields are what an admission expression can read.
@Suite("Who decides about an event is verified on admission", .sharedCluster, .timeLimitOfQueue)
struct ApprovalPolicyTests {
  static let path = "\(Tool.checkout)/manifests/50-approval-policy.yaml"

  /// What the made-up kind has in the place of the question to the authorizer; CRDs escape words that CEL reserves.
  static let rights = "(self.right.severity == self.severity && self.right.__namespace__ == request.__namespace__)"
  static let authorizer = """
    authorizer.group('rollback-operator.io').resource('rollbackevents').subresource(variables.severity)\
    .namespace(request.namespace).check('approve').allowed()
    """

  /// Reviews with words of the refusal; `nil` when the request is let through.
  static let reviews: [(String, String?)] = [
    (update(by: "ann", right: "severity: medium, namespace: shop"), nil),
    (
      update(by: "bob", right: "severity: medium, namespace: shop"),
      "spec.approval.by must be the name of the requesting user, ann"
    ),
    (
      update(by: "ann", right: "severity: low, namespace: shop"),
      "one needs the verb approve on rollbackevents/medium"
    ),
    (
      update(by: "ann", right: "severity: medium, namespace: bank"),
      "one needs the verb approve on rollbackevents/medium"
    ),
    (
      update(by: "ann", severity: nil, right: "severity: medium, namespace: shop"),
      "one needs the verb approve on rollbackevents/critical"
    ),
    (update(by: "ann", severity: nil, right: "severity: critical, namespace: shop"), nil),
    // Somebody without any right to decide, whether in his own name or in that of one who has it.
    (
      update(by: "ann", right: "severity: none, namespace: shop"), "one needs the verb approve on rollbackevents/medium"
    ),
    (
      update(by: "bob", right: "severity: none, namespace: shop"),
      "spec.approval.by must be the name of the requesting user, ann"
    ),
    (
      update(by: "system:serviceaccount:shop:ann", right: "severity: medium, namespace: shop"),
      "spec.approval.by must be the name of the requesting user, ann"
    ),
    // An event that was decided before, or is not decided now, is changed by others for other reasons.
    (update(by: "bob", old: ", approval: {by: bob}", right: ""), nil),
    (update(by: nil, right: ""), nil),
    (create("origin: Trigger"), nil),
    (create("origin: Trigger, approval: {by: ann}"), "leave spec.approval out of a new event"),
    (create("origin: Manual, requestedBy: ann"), nil),
    (create("origin: Manual, requestedBy: bob"), "spec.requestedBy must be the name of the requesting user, ann"),
    (create("origin: Manual"), "spec.requestedBy must be the name of the requesting user, ann"),
  ]

  private static func update(
    by: String?, severity: String? = "Medium", old: String = "", right: String
  ) -> String {
    let trigger = severity.map { ", trigger: {severity: \($0)}" } ?? ""
    let approval = by.map { ", approval: {by: \($0)}" } ?? ""
    return """
      request: {operation: UPDATE, namespace: shop, userInfo: {username: ann}}
        severity: \(severity?.lowercased() ?? "critical")
        right: {\(right)}
        object: {spec: {origin: Trigger\(trigger)\(approval)}}
        oldObject: {spec: {origin: Trigger\(trigger)\(old)}}
      """
  }

  private static func create(_ spec: String) -> String {
    """
    request: {operation: CREATE, namespace: shop, userInfo: {username: ann}}
      severity: critical
      object: {spec: {\(spec)}}
    """
  }

  @Test("Its expressions mean what they say")
  func expressions() async throws {
    let cluster = try LocalCluster.ofSuite
    guard cluster.capabilities.validatesCustomResourcesWithCEL else {
      try Test.cancel("these binaries do not serve CEL rules of custom resources")
    }
    try await cluster.installCRDs([try Self.definition(try Self.rules())])
    for (review, refusal) in Self.reviews {
      let document = """
        apiVersion: admission.example.com/v1
        kind: Review
        metadata: {name: review, namespace: default}
        spec:
          \(review)
        """
      let answer = try await cluster.kubectl("create", "--dry-run=server", "-f", "-", input: document)
      #expect(answer.succeeded == (refusal == nil), "\(review): \(answer.error)")
      #expect(answer.error.contains(refusal ?? ""), "\(review): \(answer.error)")
    }
  }

  @Test("It looks at every event that is made or changed, and denies")
  func structure() throws {
    let objects = try Manifest.objects(at: Self.path)
    try #require(
      objects.map { $0["kind"]?.string } == ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"])
    #expect(objects.allSatisfy { $0["apiVersion"] == "admissionregistration.k8s.io/v1" })
    #expect(objects[0].at("/spec/failurePolicy") == "Fail")
    #expect(
      objects[0].at("/spec/matchConstraints") == [
        "resourceRules": [
          [
            "apiGroups": ["rollback-operator.io"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"],
            "resources": ["rollbackevents"],
          ]
        ]
      ])
    #expect(objects[1]["spec"] == ["policyName": "rollback-operator-approval", "validationActions": ["Deny"]])
    #expect(objects[0].at("/metadata/name") == "rollback-operator-approval")
    let asked = (objects[0].at("/spec/validations")?.array ?? []).compactMap { $0["expression"]?.string }
    #expect(asked.contains { Self.joined($0).contains(Self.authorizer) })
  }

  @Test("The chart holds the same expressions")
  func chart() throws {
    let body = { (text: String) in
      text.split(separator: "\n").filter { line in
        !line.hasPrefix("#") && !line.contains("{{") && !line.contains("rollback-operator-approval")
          && !line.contains("app.kubernetes.io/name")
      }
    }
    let chart = body(Tool.text("charts/rollback-operator/templates/approval-policy.yaml"))
    #expect(chart == body(Tool.text("manifests/50-approval-policy.yaml")))
    #expect(chart.count > 40)
  }

  // MARK: The made-up kind

  private static func joined(_ expression: String) -> String {
    expression.split(separator: " .").joined(separator: ".")
  }

  /// The validations as rules of the made-up kind.
  private static func rules() throws -> JSONValue {
    let policy = try #require(try Manifest.objects(at: path).first)
    let variables = policy.at("/spec/variables")?.array ?? []
    let expressions = variables.map { ($0["name"]?.string ?? "", $0["expression"]?.string ?? "") }
    let values = Dictionary(uniqueKeysWithValues: expressions)
    let isDecided = try #require(values["isDecided"])
    let severity = try #require(values["severity"])
    let translated = { (expression: String) in
      var text = replaced(joined(expression), authorizer, by: rights)
      text = replaced(text, "variables.isDecided", by: "(\(isDecided))")
      return replaced(text, "variables.severity", by: "self.severity")
        .replacing(/\b(object|oldObject|request)\./) { "self.\($0.1)." }
    }
    let rules = (policy.at("/spec/validations")?.array ?? []).map { validation in
      var rule: JSONValue = ["rule": .string(translated(validation["expression"]?.string ?? ""))]
      rule["message"] = validation["message"]
      rule["messageExpression"] = validation["messageExpression"]?.string.map { .string(translated($0)) }
      return rule
    }
    // Of a text that is computed the server of CRDs knows no bound; that it is the one in the review is asked on its
    // own.
    let bound: JSONValue = [
      "rule": .string("self.severity == (\(translated(severity)))"),
      "message": "the variable severity has another value",
    ]
    return .array(rules + [bound])
  }

  private static func replaced(_ text: String, _ part: String, by other: String) -> String {
    text.split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
  }

  private static func definition(_ rules: JSONValue) throws -> JSONValue {
    let text: JSONValue = ["type": "string", "maxLength": 64]
    let object: JSONValue = [
      "type": "object",
      "properties": [
        "spec": [
          "type": "object",
          "properties": [
            "origin": text, "requestedBy": text, "approval": ["type": "object", "properties": ["by": text]],
            "trigger": ["type": "object", "properties": ["severity": text]],
          ],
        ]
      ],
    ]
    let spec: JSONValue = [
      "type": "object", "x-kubernetes-validations": rules,
      "properties": [
        "severity": text, "object": object, "oldObject": object,

        "right": ["type": "object", "properties": ["severity": text, "namespace": text]],
        "request": [
          "type": "object",
          "properties": [
            "operation": text, "namespace": text, "userInfo": ["type": "object", "properties": ["username": text]],
          ],
        ],
      ],
    ]
    return [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": "reviews.admission.example.com"],
      "spec": [
        "group": "admission.example.com", "scope": "Namespaced",
        "names": ["kind": "Review", "listKind": "ReviewList", "plural": "reviews", "singular": "review"],
        "versions": [
          [
            "name": "v1", "served": true, "storage": true,
            "schema": ["openAPIV3Schema": ["type": "object", "properties": ["spec": spec]]],
          ]
        ],
      ],
    ]
  }
}
