import ArgumentParser
import AsyncAlgorithms
import LocalCluster
import Subprocess
import SystemPackage

/// What the demo shows, step by step, as a person at a terminal would do it.
struct DemoStory: Sendable {
  var kubectl: Kubectl
  var operatorKubeconfig: String
  /// `nil` where nothing measures what the pods do.
  var metrics: Metrics?

  /// The metrics server of the second act.
  struct Metrics: Sendable {
    var address: String
    /// Where the operator's configuration file is written.
    var configuration: String
  }

  private let namespace = "rollback-demo"

  /// How long anything may take before the demo gives up; on a real cluster images are pulled meanwhile.
  private static let patience = Duration.seconds(240)

  func tell() async throws {
    try await kubectl.quiet("create", "namespace", namespace)
    try writeConfiguration()
    try await withOperator {
      try await firstAct()
      if metrics != nil { try await secondAct() }
    }
  }

  private func firstAct() async throws {
    Console.say("\n1. A Deployment, and the three-line policy that protects it.")
    try await kubectl.show("apply", "--namespace", namespace, "--filename", "-", input: Self.deployment)
    try await kubectl.show(
      "rollout", "status", "--namespace", namespace, "deployment/web", "--timeout",
      "\(Self.patience.components.seconds)s")
    Console.say("\n\(Self.policy)")
    try await kubectl.show("apply", "--namespace", namespace, "--filename", "-", input: Self.policy)

    Console.say("\n2. A bad release: an image that does not exist.")
    try await kubectl.show("patch", "--namespace", namespace, "deployment/web", "--patch", Self.badRelease)

    Console.say("\n3. The operator sees it fail, proves it, undoes it and verifies the result …")
    try await waitForEnd(of: 1)
    try await kubectl.show("get", "rollbackevents", "--namespace", namespace)
    try await kubectl.show(
      "get", "rollbackevents", "--namespace", namespace, "--output",
      #"jsonpath={range .items[*].status.timeline[*]}{.at}  {.what}{"\n"}{end}"#)
    try await kubectl.show("get", "rollbackpolicies,deployments", "--namespace", namespace)
    Console.say("\nThe Deployment runs its good template again:")
    try await kubectl.show(
      "get", "--namespace", namespace, "deployment/web", "--output",
      #"jsonpath={.spec.template.spec.containers[0].image}{"\n"}"#)
    try await kubectl.show("rollout", "history", "--namespace", namespace, "deployment/web")
  }

  /// What no probe sees: the pods run and are ready.
  private func secondAct() async throws {
    Console.say("\n4. The policy also asks Prometheus for the share of requests that fail.")
    Console.say("\n\(Self.errorRatePolicy)")
    try await kubectl.show("apply", "--namespace", namespace, "--filename", "-", input: Self.errorRatePolicy)
    try await kubectl.show(
      "wait", "--namespace", namespace, "rollbackpolicy/web", "--for=condition=TriggersHealthy", "--timeout=60s")

    Console.say("\n5. A release that starts well and answers three requests of ten with an error.")
    try await kubectl.show("patch", "--namespace", namespace, "deployment/web", "--patch", Self.failingRelease)

    Console.say("\n6. The error rate has to stay high for five seconds; then it is undone, and proven to be gone …")
    try await waitForEnd(of: 2)
    try await kubectl.show("get", "rollbackevents", "--namespace", namespace, "--output", "wide")
    try await kubectl.show(
      "get", "rollbackevents", "--namespace", namespace, "--sort-by=.metadata.creationTimestamp", "--output",
      #"jsonpath={range .items[-1:].status.timeline[*]}{.at}  {.what}{"\n"}{end}"#)
  }

  private func writeConfiguration() throws {
    guard let metrics else { return }
    let file = try FileDescriptor.open(
      FilePath(metrics.configuration), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    let text = "sources:\n- {name: default, prometheus: {address: \"\(metrics.address)\"}}\n"
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }

  /// Removes what the demo made.
  ///
  /// - Parameter waits: whether to wait until it is gone; not worth it where the cluster goes too.
  func cleanUp(waits: Bool) async {
    try? await kubectl.quiet(
      "delete", "namespace", namespace, "--ignore-not-found", "--wait=\(waits)", "--timeout=120s")
  }

  /// Waits until so many rollbacks have ended, and says how.
  private func waitForEnd(of count: Int) async throws {
    let deadline = ContinuousClock.now + Self.patience
    for await now in AsyncTimerSequence(interval: .milliseconds(100), clock: .continuous) {
      let outcome = try await kubectl.output(
        "get", "rollbackevents", "--namespace", namespace, "--output", "jsonpath={.items[*].status.outcome}")
      let outcomes = outcome.split(separator: " ")
      guard outcomes.allSatisfy({ $0 == "Recovered" }) else {
        try await kubectl.show("get", "rollbackevents", "--namespace", namespace, "--output", "yaml")
        throw ValidationError("The rollback ended with \(outcome), not with Recovered.")
      }
      if outcomes.count == count { return }
      guard now < deadline else { break }
    }
    throw ValidationError("Nothing was rolled back within \(Self.patience.components.seconds) seconds.")
  }

  /// Runs `body` beside the operator's own executable, which ends with it.
  private func withOperator(_ body: @Sendable @escaping () async throws -> Void) async throws {
    let executable = try OperatorExecutable.path()
    let configuration = metrics.map { ["--config", $0.configuration] } ?? []
    let arguments =
      [
        "run", "--kubeconfig", operatorKubeconfig, "--namespaces", namespace, "--leader-election-enabled=false",
        "--http-address", "127.0.0.1:0", "--log-level", "warning", "--log-format", "text",
      ] + configuration
    try await withThrowingTaskGroup { group in
      group.addTask {
        let result = try await Subprocess.run(
          .path(FilePath(executable)), arguments: Arguments(arguments), output: .discarded, error: .currentStandardError
        )
        guard !Task.isCancelled else { return }
        throw ValidationError("The operator ended: \(result.terminationStatus)")
      }
      group.addTask { try await body() }
      // The operator is meant to outlive the story: whichever is first ends both.
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private static let deployment = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 3
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - {name: web, image: "nginx:1.27"}
    """

  private static let policy = """
    apiVersion: rollback-operator.io/v1alpha1
    kind: RollbackPolicy
    metadata: {name: web}
    spec:
      target: {name: web}
    """

  private static let errorRatePolicy = """
    apiVersion: rollback-operator.io/v1alpha1
    kind: RollbackPolicy
    metadata: {name: web}
    spec:
      target: {name: web}
      triggers:
      - {name: rollout, rollout: {}}
      - {name: pods, pods: {}}
      - name: error-rate
        severity: Critical
        interval: 1s
        for: 5s
        query:
          promql: |
            sum(rate(http_requests_total{namespace="{{namespace}}",deployment="{{target}}",code=~"5.."}[10s]))
            / sum(rate(http_requests_total{namespace="{{namespace}}",deployment="{{target}}"}[10s]))
          above: "5%"
    """

  private static let failingRelease =
    #"{"spec":{"template":{"metadata":{"annotations":{"simulator.rollback-operator.io/behaviour":"Ready","#
    + #""simulator.rollback-operator.io/error-rate":"0.3"}},"#
    + #""spec":{"containers":[{"name":"web","image":"nginx:1.27.1"}]}}}}"#

  /// The annotation tells simulated nodes what a real one finds out by itself.
  private static let badRelease =
    #"{"spec":{"template":{"metadata":{"annotations":{"simulator.rollback-operator.io/behaviour":"ImagePull"}},"#
    + #""spec":{"containers":[{"name":"web","image":"nginx:no-such-version"}]}}}}"#
}

/// The operator's executable beside this one.
enum OperatorExecutable {
  static func path() throws -> String {
    let folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path = (folder.isEmpty ? "." : folder.joined(separator: "/")) + "/rollback-operator"
    guard FileSystemCheck.isExecutable(path) else {
      throw ValidationError("\(path) is missing; build it with `swift build --product rollback-operator`")
    }
    return path
  }
}
