import KubernetesClient
import LocalCluster
import RollbackOperator
import Testing

/// What makes a rolling update of the operator itself, or a node that is drained, lose nothing.
@Suite("The rules of two replicas in manifests/")
struct ReplicaRulesTests {
  private let deployment: JSONValue
  private let budget: JSONValue

  init() throws {
    deployment = try #require(
      try Manifest.objects(at: "\(Tool.checkout)/manifests/30-deployment.yaml").first {
        $0["kind"]?.string == "Deployment"
      })
    budget = try #require(try Manifest.objects(at: "\(Tool.checkout)/manifests/40-disruption-budget.yaml").first)
  }

  @Test("There are two, on different nodes where there are some, and a budget keeps one of them")
  func two() {
    #expect(deployment.at("/spec/replicas")?.int == 2)
    let affinity: JSONPointer =
      "/spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/podAffinityTerm"
    #expect(deployment.at(affinity)?["topologyKey"]?.string == "kubernetes.io/hostname")
    let labels = deployment.at("/spec/template/metadata/labels")
    #expect(deployment.at(affinity)?.at("/labelSelector/matchLabels") == labels)
    #expect(budget.at("/spec/minAvailable")?.int == 1)
    #expect(budget.at("/spec/selector/matchLabels") == labels)
  }

  @Test("An update ends none before a new one is ready, and each has the time to give its lease up")
  func update() throws {
    #expect(deployment.at("/spec/strategy/type")?.string == "RollingUpdate")
    #expect(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable")?.int == 0)
    #expect(deployment.at("/spec/strategy/rollingUpdate/maxSurge")?.int == 1)
    let grace = try #require(deployment.at("/spec/template/spec/terminationGracePeriodSeconds")?.int)
    #expect(Duration.seconds(grace) > OperatorProcess.shutdownLimit)
    #expect(deployment.at("/spec/template/spec/containers/0/lifecycle") == nil, "SIGTERM is all it needs")
  }

  @Test("Ready is whoever could lead at once, alive whoever answers: a slow API server restarts nobody")
  func probes() {
    let container = deployment.at("/spec/template/spec/containers/0")
    #expect(container?.at("/readinessProbe/httpGet/path")?.string == "/readyz")
    #expect(container?.at("/livenessProbe/httpGet/path")?.string == "/healthz")
    #expect(container?.at("/readinessProbe/httpGet/port")?.string == container?.at("/ports/0/name")?.string)
    let names = (container?["env"]?.array ?? []).compactMap { $0["name"]?.string }
    #expect(names == ["POD_NAME", "POD_NAMESPACE", "POD_UID"], "a holder's name is the pod's")
  }
}
