import KubernetesClient

/// What happens in a simulated cluster, and what it must lead to.
public struct Scenario: Sendable {
  public var name: String
  /// How long things happen; then everything must come to its end.
  public var duration: Duration
  /// Lays down what happens when.
  public var play: @Sendable (World) -> Void
  /// What is wrong in the end; empty when all is well.
  public var check: @Sendable (World) -> [String]
  /// How many operators a run by seed has, and whether they elect a leader; `nil`: as the seed says.
  public var operators: (count: Int, electALeader: Bool)?

  public init(
    _ name: String, lasting duration: Duration, play: @escaping @Sendable (World) -> Void,
    check: @escaping @Sendable (World) -> [String]
  ) {
    self.name = name
    self.duration = duration
    self.play = play
    self.check = check
  }
}

extension Scenario {
  /// Every scenario of the seeds and of the sweeps.
  public static let all: [Scenario] = watched + measured

  /// Those in which the operator judges by what it watches.
  static let watched: [Scenario] =
    releases + judgements + revisions + people + manual + policies + controllers + hostile + interruptions

  /// Those in which it judges by what it measures, and where questions fail as well.
  static let measured: [Scenario] = metrics + sources + triggerKinds + decisions + holds

  /// Some of the scenarios, by what the operator judges by.
  public enum Kind: String, Sendable, CaseIterable {
    case all
    case watched
    case measured

    public var scenarios: [Scenario] {
      switch self {
      case .all: Scenario.all
      case .watched: Scenario.watched
      case .measured: Scenario.measured
      }
    }
  }
}
