import FoundationEssentials
import Testing

/// How much torture there is: what `make torture` says, or what fits into `make test`.
struct TortureRun: Sendable, CustomTestStringConvertible {
  /// One round: every workload rolls out a bad release at once and is back on the good one.
  var rounds: Int
  /// All workloads of a round.
  var workloads: Int
  /// Namespaces with an operator each, which share the rounds and run side by side.
  var lanes: Int
  /// Decides when the operator is killed and what is bad about the releases; printed, to be given again.
  var seed: UInt64

  var testDescription: String { "\(rounds) rounds of \(workloads) workloads" }

  /// What `make torture` asks for; else a hundred rounds of three workloads and one of fifty. A round of fifty takes a
  /// machine of two cores some 20 s, so that a hundred of those would take half an hour; four small ones side by side
  /// are done in the time of one.
  static let all: [TortureRun] = {
    let environment = ProcessInfo.processInfo.environment
    func number(_ name: String) -> Int? { environment["TORTURE_\(name)"].flatMap { Int($0) } }
    let seed = environment["TORTURE_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...9_999_999)
    guard let rounds = number("ROUNDS") else {
      return [
        TortureRun(rounds: 100, workloads: 3, lanes: 4, seed: seed),
        TortureRun(rounds: 1, workloads: 50, lanes: 1, seed: seed),
      ]
    }
    let (workloads, lanes) = (number("WORKLOADS") ?? 50, max(1, number("LANES") ?? 1))
    return [TortureRun(rounds: rounds, workloads: workloads, lanes: lanes, seed: seed)]
  }()

  /// Far more than it takes, so that only a run that hangs is ended.
  static var minutes: Int { 10 + (all.map { $0.rounds * (1 + $0.workloads / 10) / $0.lanes }.max() ?? 0) }

  /// The rounds of a lane.
  func rounds(ofLane lane: Int) -> Int { rounds / lanes + (lane < rounds % lanes ? 1 : 0) }
}

/// Random numbers that a seed decides (SplitMix64).
struct TortureDice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64, lane: Int) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(lane) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
