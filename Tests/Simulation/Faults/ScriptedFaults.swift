/// Faults at named places: the way of an exhaustive sweep.
public struct ScriptedFaults: FaultSource {
  /// The fault of the process's write of this number.
  public var ofWrites: [Int: Fault]
  /// The fault of the process's request of this number.
  public var ofRequests: [Int: Fault]
  /// The process concerned.
  public var process: String

  public init(ofWrites: [Int: Fault] = [:], ofRequests: [Int: Fault] = [:], process: String = "operator-0") {
    self.ofWrites = ofWrites
    self.ofRequests = ofRequests
    self.process = process
  }

  public func fault(of request: RequestPoint) -> Fault? {
    guard request.process == process else { return nil }
    if let write = request.write, let fault = ofWrites[write] { return fault }
    return ofRequests[request.number]
  }

  public func watchDelay(of request: RequestPoint) -> Duration { .zero }
  public func watchLife(of request: RequestPoint) -> Duration? { nil }
}
