import KubernetesClient
import SimulatedCluster

/// A rule about a whole run, checked when faults have stopped and time has passed.
public protocol EndInvariant: Sendable {
  /// The rule of the architecture, and what of it is checked.
  var name: String { get }

  /// What is wrong; empty when nothing is.
  func check(_ world: World) -> [String]
}

/// R8: in the end no event is open any more, and nothing is written.
struct ComesToRest: EndInvariant {
  /// In the end nothing is written for so long.
  static let quiet: Duration = .seconds(300)
  /// A policy's status shows what pods do, also of a release that is left as it is; but so often is no pod another one.
  static let mostPolicyWrites = 100

  let name = "R8 every state has a deadline"
  /// For how long nothing has to be written.
  var quiet = Self.quiet

  func check(_ world: World) -> [String] {
    let open = world.open
    let silence = world.engine.now - world.lastWrite
    var wrong = open.isEmpty ? [] : ["these events are still open: \(open.joined(separator: ", "))"]
    if silence < quiet { wrong.append("the last write was \(silence) ago") }
    let count = world.policyWrites(since: world.engine.now - quiet)
    if count > Self.mostPolicyWrites {
      wrong.append("statuses of policies were written \(count) times within \(quiet)")
    }
    return wrong
  }
}

/// R8: in the end the status of every policy is about what it says now.
struct PoliciesAreKeptUp: EndInvariant {
  let name = "R8 no policy is forgotten"

  func check(_ world: World) -> [String] {
    world.server.objects(World.policies).compactMap { policy in
      let generation = policy.at("/metadata/generation")?.int
      guard generation == nil || policy.at("/status/observedGeneration")?.int != generation else { return nil }
      return "the status of policy \(policy.at("/metadata/name")?.string ?? "") is not about its newest spec"
    }
  }
}

/// R10: what cannot be understood is said of itself, and ends no process.
struct NothingEndsTheProcess: EndInvariant {
  let name = "R10 one bad object never stops the others"

  func check(_ world: World) -> [String] {
    world.processes.flatMap { process in check(process.exits).map { "\(process.name) \($0)" } }
  }

  func check(_ exits: [SimulatedProcess.Exit]) -> [String] {
    exits.compactMap { exit in
      if case .failed(let error) = exit { return "ended: \(error)" }
      return nil
    }
  }
}

extension [any EndInvariant] {
  /// Every rule that is checked when a run ends.
  public static var all: [any EndInvariant] { [ComesToRest(), PoliciesAreKeptUp(), NothingEndsTheProcess()] }
}
