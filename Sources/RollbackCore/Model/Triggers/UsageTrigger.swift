/// What the suspect's pods use of a resource, from metrics.k8s.io; a share is of the container's limit.
public struct UsageTrigger: Hashable, Sendable {
  public var resource: Resource
  /// Only this container; `nil`: the one that uses most.
  public var container: String?
  public var criteria: Criteria

  /// What is used.
  public enum Resource: String, Hashable, Sendable, Codable, CaseIterable {
    case cpu
    case memory
  }

  public init(resource: Resource, container: String? = nil, criteria: Criteria) {
    self.resource = resource
    self.container = container
    self.criteria = criteria
  }
}

extension UsageTrigger: Codable {
  private enum CodingKeys: String, CodingKey {
    case resource, container
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      resource: try container.decode(Resource.self, forKey: .resource),
      container: try container.decodeIfPresent(String.self, forKey: .container), criteria: try Criteria(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try criteria.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(resource, forKey: .resource)
    try container.encodeIfPresent(self.container, forKey: .container)
  }
}
