import FoundationEssentials

/// How much torture there is: what `make torture` says, or what fits into `make test`.
struct TortureRun: Sendable {
  /// One round: every workload rolls out a bad release at once and is back on the good one.
  var rounds: Int
  /// All workloads of a round.
  var workloads: Int
  /// Namespaces with an operator each, which share the rounds and run side by side.
  var lanes: Int
  /// Decides when the operator is killed and what is bad about the releases; printed, to be given again.
  var seed: UInt64

  /// A hundred rounds of five workloads. A round of fifty takes a machine of two cores some 20 s, so that a hundred of
  /// those would take half an hour; four small ones side by side are done in the time of one.
  static let current = TortureRun(ProcessInfo.processInfo.environment)

  private init(_ environment: [String: String]) {
    func number(_ name: String, _ standard: Int) -> Int { environment[name].flatMap { Int($0) } ?? standard }
    rounds = number("TORTURE_ROUNDS", 100)
    workloads = number("TORTURE_WORKLOADS", 5)
    lanes = max(1, number("TORTURE_LANES", 4))
    seed = environment["TORTURE_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...9_999_999)
  }

  /// Far more than it takes, so that only a run that hangs is ended.
  var minutes: Int { 5 + rounds * (1 + workloads / 10) / lanes }

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
