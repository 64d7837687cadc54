import FoundationEssentials
import KubernetesClient
import LocalCluster

/// A model of the Job controller and of the pods of smoke tests: each Job ends after a few seconds.
///
/// A Job tests the revision that the variable `ROLLBACK_HASH` of its container names, as a client would: it fails
/// when a pod of the revision answers its health requests with another status than 200 to 299, or when there is none.
public final class JobModel: Sendable {
  private static let user = "system:serviceaccount:kube-system:job-controller"

  private let server: SimulatedAPIServer
  private let history: PodHistory
  private let schedule: @Sendable (Duration, @escaping @Sendable () -> Void) -> Void
  private let random: @Sendable (ClosedRange<Double>) -> Double

  /// - Parameters:
  ///   - history: the pods that are tested.
  ///   - schedule: runs the closure after a virtual time, never at once.
  ///   - random: a number from the range.
  public init(
    server: SimulatedAPIServer, history: PodHistory,
    schedule: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Void,
    random: @escaping @Sendable (ClosedRange<Double>) -> Double
  ) {
    self.server = server
    self.history = history
    self.schedule = schedule
    self.random = random
    server.observe { [weak self] in self?.take($0) }
  }

  private func take(_ change: Change) {
    guard change.resource == .jobs, change.verb == .added else { return }
    let (namespace, name, job) = (change.namespace ?? "", change.name, change.new)
    schedule(.seconds(random(2...6))) { [weak self] in self?.end(namespace, name, job) }
  }

  private func end(_ namespace: String, _ name: String, _ job: JSONValue) {
    let now = server.now()
    let variables = job.at("/spec/template/spec/containers/0/env")?.array ?? []
    let hash = variables.first { $0["name"]?.string == "ROLLBACK_HASH" }?["value"]?.string
    let tested = history.pods.filter { $0.namespace == namespace && $0.hash == hash && $0.isServing(at: now) }
    let isHealthy = !tested.isEmpty && tested.allSatisfy { (200..<300).contains($0.signals(at: now).healthStatus) }
    let condition: JSONValue = [
      "type": .string(isHealthy ? "Complete" : "Failed"), "status": "True",
      "reason": .string(isHealthy ? "CompletionsReached" : "BackoffLimitExceeded"),
      "lastTransitionTime": .string(Timestamp.seconds(now)),
    ]
    // A Job that was collected meanwhile has no end.
    _ = try? server.patch(
      .jobs, namespace, name, .merge(["status": ["conditions": [condition]]]), subresource: "status", user: Self.user)
  }
}
