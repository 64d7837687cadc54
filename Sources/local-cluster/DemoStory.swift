import ArgumentParser
import AsyncAlgorithms
import LocalCluster
import Subprocess
import SystemPackage

/// What the demo shows, step by step, as a person at a terminal would do it.
struct DemoStory: Sendable {
  var kubectl: Kubectl
  var operatorKubeconfig: String

  private let namespace = "rollback-demo"

  /// How long anything may take before the demo gives up; on a real cluster images are pulled meanwhile.
  private static let patience = Duration.seconds(240)

  func tell() async throws {
    try await kubectl.quiet("create", "namespace", namespace)
    try await withOperator {
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
      try await waitForEnd()
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
  }

  /// Removes what the demo made.
  ///
  /// - Parameter waits: whether to wait until it is gone; not worth it where the cluster goes too.
  func cleanUp(waits: Bool) async {
    try? await kubectl.quiet(
      "delete", "namespace", namespace, "--ignore-not-found", "--wait=\(waits)", "--timeout=120s")
  }

  /// Waits until the rollback has ended, and says how.
  private func waitForEnd() async throws {
    let deadline = ContinuousClock.now + Self.patience
    for await now in AsyncTimerSequence(interval: .milliseconds(100), clock: .continuous) {
      let outcome = try await kubectl.output(
        "get", "rollbackevents", "--namespace", namespace, "--output", "jsonpath={.items[*].status.outcome}")
      if outcome == "Recovered" { return }
      guard outcome.isEmpty else {
        throw ValidationError("The rollback ended with \(outcome), not with Recovered.")
      }
      guard now < deadline else { break }
    }
    throw ValidationError("Nothing was rolled back within \(Self.patience.components.seconds) seconds.")
  }

  /// Runs `body` beside the operator's own executable, which ends with it.
  private func withOperator(_ body: @Sendable @escaping () async throws -> Void) async throws {
    let executable = try OperatorExecutable.path()
    let arguments = [
      "run", "--kubeconfig", operatorKubeconfig, "--namespaces", namespace, "--leader-election-enabled=false",
      "--http-address", "127.0.0.1:0", "--log-level", "warning", "--log-format", "text",
    ]
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
