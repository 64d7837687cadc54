import KubernetesClient
import Testing

@testable import RollbackOperator

@Suite("What is kept of a pod template")
struct TemplateFactsTests {
  private static func facts(_ yaml: String) throws -> TemplateFacts { TemplateFacts(try YAMLDocument.value(yaml)) }

  private static let base = """
    metadata: {labels: {app: web, tier: api}, annotations: {a: b}}
    spec: {containers: [{name: web, image: "web:1", ports: [{name: http, containerPort: 80}]}, {name: s, image: "s:2"}]}
    """

  @Test("The order of members means nothing, the order of lists does")
  func order() throws {
    let base = try Self.facts(Self.base)
    let reordered = try Self.facts(
      """
      spec: {containers: [{ports: [{containerPort: 80, name: http}], image: "web:1", name: web}, {image: "s:2", name: s}]}
      metadata: {annotations: {a: b}, labels: {tier: api, app: web}}
      """)
    #expect(base.exact == reordered.exact && base.version == reordered.version)
    #expect(base.images == ["web:1", "s:2"])
    let swapped = try Self.facts(
      """
      metadata: {labels: {app: web, tier: api}, annotations: {a: b}}
      spec: {containers: [{name: s, image: "s:2"}, {name: web, image: "web:1", ports: [{name: http, containerPort: 80}]}]}
      """)
    #expect(base.exact != swapped.exact && swapped.images == ["s:2", "web:1"])
  }

  @Test(
    "The controller's hash label and an empty creation time are no difference",
    arguments: [
      ("{labels: {app: web, pod-template-hash: abc}}", "{labels: {app: web}}"),
      ("{labels: {pod-template-hash: abc}}", "{}"),
      ("{creationTimestamp: null, labels: {app: web}}", "{labels: {app: web}}"),
    ])
  func same(first: String, second: String) throws {
    let facts = try (Self.facts("metadata: \(first)"), Self.facts("metadata: \(second)"))
    #expect(facts.0 == facts.1)
  }

  @Test(
    "A restart is the same version by another template",
    arguments: ["{annotations: {a: b}}", "{}"])
  func restart(metadata: String) throws {
    let restart = "kubectl.kubernetes.io/restartedAt"
    let before = try Self.facts("metadata: \(metadata)\nspec: {containers: []}")
    let value = try YAMLDocument.value("metadata: \(metadata)\nspec: {containers: []}")
    var restarted = value
    restarted["metadata"]?["annotations"] = value["metadata"]?["annotations"] ?? [:]
    restarted["metadata"]?["annotations"]?[restart] = "2026-01-01T00:00:00Z"
    let after = TemplateFacts(restarted)
    #expect(before.version == after.version && before.exact != after.exact)
  }

  @Test(
    "A value of another kind or another number is another version", arguments: ["2", "\"1\"", "true", "null", "1.5"])
  func different(value: String) throws {
    #expect(try Self.facts("spec: {x: \(value)}").version != Self.facts("spec: {x: 1}").version)
  }

  @Test("All that a pod cannot start without is found, what is optional is not")
  func references() throws {
    let facts = try Self.facts(
      """
      spec:
        volumes:
        - {name: a, configMap: {name: cm-volume}}
        - {name: b, configMap: {name: cm-optional, optional: true}}
        - {name: c, secret: {secretName: s-volume}}
        - {name: d, secret: {secretName: s-optional, optional: true}}
        - {name: e, emptyDir: {}}
        - name: f
          projected:
            sources:
            - {configMap: {name: cm-projected}}
            - {secret: {name: s-projected, optional: false}}
            - {secret: {name: s-projected-optional, optional: true}}
            - {serviceAccountToken: {path: token}}
        initContainers:
        - {name: init, envFrom: [{configMapRef: {name: cm-init}}, {secretRef: {name: s-init, optional: true}}]}
        containers:
        - name: web
          envFrom: [{secretRef: {name: s-env-from}}, {configMapRef: {name: cm-volume}}]
          env:
          - {name: A, value: b}
          - {name: B, valueFrom: {configMapKeyRef: {name: cm-env, key: k}}}
          - {name: C, valueFrom: {secretKeyRef: {name: s-env, key: k}}}
          - {name: D, valueFrom: {secretKeyRef: {name: s-env-optional, key: k, optional: true}}}
          - {name: E, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
      """)
    let configMaps = facts.references.filter { $0.resource == .configMaps }.map(\.name)
    let secrets = facts.references.filter { $0.resource == .secrets }.map(\.name)
    #expect(configMaps == ["cm-env", "cm-init", "cm-projected", "cm-volume"])
    #expect(secrets == ["s-env", "s-env-from", "s-projected", "s-volume"])
  }

  @Test(
    "What is no template has facts, too",
    arguments: ["null", "[]", "7", "{spec: 7}", "{spec: {containers: {}, volumes: [7, [], {configMap: 7}]}}"])
  func hostile(yaml: String) throws {
    let facts = TemplateFacts(try YAMLDocument.value("x: \(yaml)")["x"] ?? .null)
    #expect(facts.images == [] && facts.references == [] && facts.exact.count == 24)
  }
}
