import Synchronization

/// A fault that struck in a run, and where.
public struct StruckFault: Sendable, CustomStringConvertible {
  /// A request is known by what it asks for and how often its process had asked for that before, so that it is found
  /// again in a run in which other faults are left out; a piece of a task by how many its process had before.
  struct Place: Hashable, Sendable {
    var process: String
    var request: String
    var number: Int
    var effect: Effect
    /// How often this kind of fault had been drawn for this request before.
    var draw: Int
  }

  enum Effect: Hashable, Sendable {
    case fault
    case watchDelay
    case watchLife
    case piece
    case cluster
    case metric
  }

  enum Value: Sendable {
    case fault(Fault)
    case duration(Duration)
    case piece(PieceFault)
    case cluster(ClusterFault)
    case metric(MetricFault)
  }

  var place: Place
  var value: Value

  public var description: String {
    let what =
      switch (place.effect, value) {
      case (_, .fault(let fault)): "\(fault)"
      case (.watchLife, .duration(let time)): "broken after \(time)"
      case (_, .duration(let time)): "held back for \(time)"
      case (_, .piece(let fault)): "\(fault)"
      case (_, .cluster(let fault)): "\(fault)"
      case (_, .metric(let fault)): "\(fault)"
      }
    if place.effect == .cluster { return what }
    return "\(place.process) \(place.request), number \(place.number): \(what)"
  }
}

/// Notes which faults another source lets strike, or lets only some of those strike that were noted in an earlier run.
final class RecordedFaults: FaultSource {
  fileprivate struct State {
    var isActive = true
    /// How often each request was made.
    var requests: [String: Int] = [:]
    /// The number of each request among its like, by process and number.
    var numbers: [String: Int] = [:]
    var draws: [StruckFault.Place: Int] = [:]
    /// How many pieces of tasks each process had.
    var pieces: [String: Int] = [:]
    var struck: [StruckFault] = []
  }

  private let source: any FaultSource
  /// `nil` for whatever the source says.
  private let kept: [StruckFault.Place: StruckFault.Value]?
  private let state = Mutex(State())

  /// - Parameter kept: the faults that may strike; `nil` for all, which are noted.
  init(_ source: any FaultSource, keeping kept: [StruckFault]? = nil) {
    self.source = source
    self.kept = kept.map { Dictionary($0.map { ($0.place, $0.value) }) { first, _ in first } }
  }

  var struck: [StruckFault] { state.withLock { $0.struck } }

  func fault(of request: RequestPoint) -> Fault? {
    let drawn = source.fault(of: request)
    guard case .fault(let fault) = decide(request, .fault, drawn.map { .fault($0) }) else { return nil }
    return fault
  }

  func watchDelay(of request: RequestPoint) -> Duration {
    let drawn = source.watchDelay(of: request)
    guard case .duration(let time) = decide(request, .watchDelay, drawn > .zero ? .duration(drawn) : nil) else {
      return .zero
    }
    return time
  }

  func watchLife(of request: RequestPoint) -> Duration? {
    let drawn = source.watchLife(of: request)
    guard case .duration(let time) = decide(request, .watchLife, drawn.map { .duration($0) }) else { return nil }
    return time
  }

  func pieceFault(of process: String) -> PieceFault? {
    let drawn = source.pieceFault(of: process)
    let place = state.withLock { state in
      defer { state.pieces[process, default: 0] += 1 }
      return StruckFault.Place(
        process: process, request: "piece", number: state.pieces[process, default: 0], effect: .piece, draw: 0)
    }
    guard case .piece(let fault) = decide(place, drawn.map { .piece($0) }) else { return nil }
    return fault
  }

  func metricFault(of request: OutboundPoint) -> MetricFault? {
    let drawn = source.metricFault(of: request)
    let place = state.withLock { $0.place(of: request) }
    guard case .metric(let fault) = decide(place, drawn.map { .metric($0) }) else { return nil }
    return fault
  }

  func happens(_ fault: ClusterFault) -> Bool {
    let place = StruckFault.Place(
      process: "cluster", request: "", number: fault.number, effect: .cluster, draw: 0)
    return decide(place, .cluster(fault)) != nil
  }

  var random: RandomFaults? { source.random }

  func hidden(from request: RequestPoint) -> UInt64? { source.hidden(from: request) }

  func stop() {
    source.stop()
    state.withLock { $0.isActive = false }
  }

  private func decide(
    _ request: RequestPoint, _ effect: StruckFault.Effect, _ drawn: StruckFault.Value?
  ) -> StruckFault.Value? {
    decide(state.withLock { $0.place(of: request, effect) }, drawn)
  }

  private func decide(_ place: StruckFault.Place, _ drawn: StruckFault.Value?) -> StruckFault.Value? {
    state.withLock { state in
      guard let kept else {
        if let drawn { state.struck.append(StruckFault(place: place, value: drawn)) }
        return drawn
      }
      return state.isActive ? kept[place] : nil
    }
  }
}

extension RecordedFaults.State {
  /// A question is known by whom it is for and how often its process had asked there before.
  fileprivate mutating func place(of request: OutboundPoint) -> StruckFault.Place {
    let what = "ASK \(request.address)"
    let number = requests["\(request.process) \(what)", default: 0]
    requests["\(request.process) \(what)"] = number + 1
    return StruckFault.Place(process: request.process, request: what, number: number, effect: .metric, draw: 0)
  }

  fileprivate mutating func place(of request: RequestPoint, _ effect: StruckFault.Effect) -> StruckFault.Place {
    let path = request.path.split(separator: "?").first ?? ""
    let what = "\(request.isWatch ? "WATCH" : request.method) \(path)"
    let own = "\(request.process) \(request.number)"
    let number = numbers[own] ?? requests["\(request.process) \(what)", default: 0]
    if numbers[own] == nil {
      numbers[own] = number
      requests["\(request.process) \(what)", default: 0] += 1
    }
    var place = StruckFault.Place(
      process: request.process, request: what, number: number, effect: effect, draw: 0)
    let draw = draws[place, default: 0]
    draws[place] = draw + 1
    place.draw = draw
    return place
  }
}
