/// How long each controller takes to look at what changed, in seconds.
///
/// Changes that come meanwhile are looked at together. With long times transient states pass unseen, with none each is
/// written.
public struct Pace: Sendable, Equatable {
  public var deployments: ClosedRange<Double>
  public var replicaSets: ClosedRange<Double>
  /// From a pod's creation until it has a node.
  public var scheduler: ClosedRange<Double>
  /// From a change in a container until the kubelet reports it.
  public var kubelet: ClosedRange<Double>
  /// From the request to delete a pod until it is gone.
  public var termination: ClosedRange<Double>

  public init(
    deployments: ClosedRange<Double>, replicaSets: ClosedRange<Double>, scheduler: ClosedRange<Double>,
    kubelet: ClosedRange<Double>, termination: ClosedRange<Double>
  ) {
    self.deployments = deployments
    self.replicaSets = replicaSets
    self.scheduler = scheduler
    self.kubelet = kubelet
    self.termination = termination
  }

  /// As a small idle cluster does it.
  public static let usual = Pace(
    deployments: 0.001...0.05, replicaSets: 0.001...0.05, scheduler: 0.001...0.1, kubelet: 0.01...0.5,
    termination: 0.01...2)
  /// Everything is done at once, so that each state is seen.
  public static let immediate = Pace(
    deployments: 0...0, replicaSets: 0...0, scheduler: 0...0, kubelet: 0...0, termination: 0...0)
  /// A control plane with much to do, which hides what does not last.
  public static let sluggish = Pace(
    deployments: 1...20, replicaSets: 1...10, scheduler: 0.5...10, kubelet: 1...10, termination: 1...30)
}
