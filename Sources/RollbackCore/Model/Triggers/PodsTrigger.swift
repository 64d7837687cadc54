/// What is looked for in the pods of the suspect revision.
public struct PodsTrigger: Hashable, Sendable, Codable {
  /// A container waits in `CrashLoopBackOff`, so it has already died more than once.
  public var crashLooping: Bool
  /// A container waits in `ImagePullBackOff` or with an invalid image name; a first failed attempt does not count.
  public var imagePull: Bool
  /// A container's last termination was by the out-of-memory killer.
  public var oomKilled: Bool
  public var restarts: Restarts?
  public var unready: Above?
  /// A pod cannot be scheduled.
  public var unschedulable: Bool

  /// Container restarts of all pods of the suspect together.
  public struct Restarts: Hashable, Sendable, Codable {
    public var atLeast: Int
    public var within: PolicyDuration

    public init(atLeast: Int, within: PolicyDuration) {
      self.atLeast = atLeast
      self.within = within
    }
  }

  public init(
    crashLooping: Bool = true, imagePull: Bool = true, oomKilled: Bool = true, restarts: Restarts? = nil,
    unready: Above? = nil, unschedulable: Bool = false
  ) {
    self.crashLooping = crashLooping
    self.imagePull = imagePull
    self.oomKilled = oomKilled
    self.restarts = restarts
    self.unready = unready
    self.unschedulable = unschedulable
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      crashLooping: try container.decodeIfPresent(Bool.self, forKey: .crashLooping) ?? true,
      imagePull: try container.decodeIfPresent(Bool.self, forKey: .imagePull) ?? true,
      oomKilled: try container.decodeIfPresent(Bool.self, forKey: .oomKilled) ?? true,
      restarts: try container.decodeIfPresent(Restarts.self, forKey: .restarts),
      unready: try container.decodeIfPresent(Above.self, forKey: .unready),
      unschedulable: try container.decodeIfPresent(Bool.self, forKey: .unschedulable) ?? false)
  }
}
