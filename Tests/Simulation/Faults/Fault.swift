/// What may become of one request.
public enum Fault: Sendable, Hashable {
  /// No connection: surely not executed.
  case refused
  /// Executed, but its answer does not arrive.
  case answerLost
  /// Not executed, and the client cannot know.
  case requestLost
  /// Executed only after this time, in milliseconds; the client may have given up by then.
  case late(milliseconds: Int)
  /// An answer in place of the API server's: 429, 500, 503…
  case status(Int, retryAfter: Int?)
  /// The process dies before the request leaves it.
  case crashBefore
  /// The process dies when the request has been executed.
  case crashAfter
  /// A read is answered from a state so many changes ago, if Kubernetes may do that.
  case stale(changes: Int)
  /// A list that a watch begins with is of this resource version, whatever was asked for, and what has happened since
  /// is told only after this time.
  case past(version: UInt64, lag: Duration)
  /// The process is stopped for this time before the request leaves it.
  case stopped(Duration)
  /// All watches end before the request is executed, as when the API server is started again.
  case watchesEnd
  /// Executed, and its answer of status 200 is not what it should be.
  case garbled(Garbling)

  /// What has become of an answer.
  public enum Garbling: Sendable, Hashable, CaseIterable {
    /// Its second half is missing.
    case cut
    /// A page for people, from something that is in between.
    case page
    case empty
    /// JSON, but not what was asked for.
    case another
  }
}

/// What may happen to a process between two pieces of its tasks, which is at any `await` of its own code.
public enum PieceFault: Sendable, Hashable {
  /// The piece waits, and the others go on.
  case delay(Duration)
  /// The process dies.
  case crash
}

/// One request of a simulated process.
public struct RequestPoint: Sendable {
  /// The process's name.
  public var process: String
  /// The request's number in its process, over all its lives, from 0.
  public var number: Int
  /// The number among the writes, from 0; `nil` for reads.
  public var write: Int?
  public var method: String
  public var path: String

  /// Whether Kubernetes may answer from a cache that is behind: lists and watches that say which state is new enough.
  /// What names no resource version is read from the data store by a majority and never old.
  public var mayBeStale: Bool { method == "GET" && path.contains("resourceVersionMatch=NotOlderThan") }

  public var isWatch: Bool { path.contains("watch=true") }

  /// Whether it is a watch that begins with a list.
  public var isStreamedList: Bool { isWatch && path.contains("sendInitialEvents=true") }
}

/// Decides what becomes of requests.
public protocol FaultSource: Sendable {
  /// The fault of this request; `nil` for none.
  func fault(of request: RequestPoint) -> Fault?
  /// How long the lines of a watch are held back now.
  func watchDelay(of request: RequestPoint) -> Duration
  /// How long a watch lives before its connection breaks; `nil` for as long as the server lets it.
  func watchLife(of request: RequestPoint) -> Duration?
  /// The resource version of the change that a watch does not tell when there is a newer one of the same object.
  func hidden(from request: RequestPoint) -> UInt64?
  /// From now on everything works.
  func stop()
  /// A watch that begins with a list was opened; so were its earlier states, oldest first.
  func listed(_ request: RequestPoint, versions: () -> [UInt64])
  /// A watch is about to tell these changes.
  func told(_ request: RequestPoint, changes: () -> [(object: String, resourceVersion: UInt64)])
  /// What becomes of a question to something else than the API server; `nil` when it is answered.
  func metricFault(of request: OutboundPoint) -> MetricFault?
  /// What happens before the next piece of a process; asked before each.
  func pieceFault(of process: String) -> PieceFault?
  /// Whether what was laid down for the whole cluster happens; asked when its time has come.
  func happens(_ fault: ClusterFault) -> Bool
  /// The random faults that it draws from, if it does: only beside those something is laid down for the whole cluster.
  var random: RandomFaults? { get }
}

extension FaultSource {
  public func hidden(from request: RequestPoint) -> UInt64? { nil }
  public func stop() {}
  public func listed(_ request: RequestPoint, versions: () -> [UInt64]) {}
  public func told(_ request: RequestPoint, changes: () -> [(object: String, resourceVersion: UInt64)]) {}
  public func metricFault(of request: OutboundPoint) -> MetricFault? { nil }
  public func pieceFault(of process: String) -> PieceFault? { nil }
  public func happens(_ fault: ClusterFault) -> Bool { true }
  public var random: RandomFaults? { nil }
}

/// A world in which everything works.
public struct NoFaults: FaultSource {
  public init() {}
  public func fault(of request: RequestPoint) -> Fault? { nil }
  public func watchDelay(of request: RequestPoint) -> Duration { .zero }
  public func watchLife(of request: RequestPoint) -> Duration? { nil }
}
