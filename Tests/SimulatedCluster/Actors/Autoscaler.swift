import KubernetesClient
import Synchronization

/// Changes the size of a Deployment now and then, as a HorizontalPodAutoscaler does: nothing but the number.
public final class Autoscaler: Sendable {
  public static let user = "system:serviceaccount:kube-system:horizontal-pod-autoscaler"

  private let server: SimulatedAPIServer
  private let clock: ModelClock
  private let namespace: String
  private let name: String
  private let replicas: ClosedRange<Int>
  private let pause: ClosedRange<Double>
  private let run = Mutex(0)

  /// - Parameters:
  ///   - replicas: the least and the most.
  ///   - every: how many seconds pass between two looks.
  public init(
    server: SimulatedAPIServer, schedule: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Void,
    random: @escaping @Sendable (ClosedRange<Double>) -> Double, namespace: String, name: String,
    replicas: ClosedRange<Int>, every pause: ClosedRange<Double> = 15...60
  ) {
    self.server = server
    clock = ModelClock(now: server.now, schedule: schedule, random: random)
    self.namespace = namespace
    self.name = name
    self.replicas = replicas
    self.pause = pause
  }

  /// Goes on until it is stopped.
  public func start() {
    let number = run.withLock { run in
      run += 1
      return run
    }
    step(number)
  }

  public func stop() { run.withLock { $0 += 1 } }

  private func step(_ number: Int) {
    clock.schedule(clock.duration(in: pause)) {
      guard self.run.withLock({ $0 }) == number else { return }
      self.scale()
      self.step(number)
    }
  }

  private func scale() {
    // What is at none was put there by a person, and is let alone.
    guard let deployment = server.object(.deployments, namespace, name), deployment["spec"]?["replicas"]?.int != 0
    else {
      return
    }
    let choice = clock.random(Double(replicas.lowerBound)...Double(replicas.upperBound + 1)).rounded(.down)
    let wanted = min(replicas.upperBound, Int(exactly: choice) ?? replicas.lowerBound)
    guard deployment["spec"]?["replicas"]?.int != wanted else { return }
    // A refusal is tried again at the next look.
    _ = try? server.patch(
      .deployments, namespace, name, .merge(["spec": ["replicas": JSONValue(wanted)]]), subresource: "scale",
      user: Self.user)
  }
}
