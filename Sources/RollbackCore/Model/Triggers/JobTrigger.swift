/// A smoke test: a Job that is run once for each rollout, when it is complete; a failed Job is a breach.
public struct JobTrigger: Hashable, Sendable, Codable {
  /// A `batch/v1` JobTemplateSpec.
  public var template: Document
  /// The longest that the Job may run; after that it is a breach.
  public var timeout: PolicyDuration

  public init(template: Document, timeout: PolicyDuration = .minutes(10)) {
    self.template = template
    self.timeout = timeout
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      template: try container.decode(Document.self, forKey: .template),
      timeout: try container.decodeIfPresent(PolicyDuration.self, forKey: .timeout) ?? .minutes(10))
  }
}
