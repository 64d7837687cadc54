/// Any number of a JSON document over HTTP.
public struct ValueTrigger: Hashable, Sendable {
  /// Its host must be a Service of the policy's namespace or in the operator's `egress.allow`.
  public var url: String
  /// A Secret of which every key is a header.
  public var headersFrom: SecretReference?
  /// A ``JSONPath`` to the number.
  public var jsonPath: String
  /// For the whole request, at most ten seconds.
  public var timeout: PolicyDuration
  public var criteria: Criteria

  public init(
    url: String, headersFrom: SecretReference? = nil, jsonPath: String, timeout: PolicyDuration = .seconds(5),
    criteria: Criteria
  ) {
    self.url = url
    self.headersFrom = headersFrom
    self.jsonPath = jsonPath
    self.timeout = timeout
    self.criteria = criteria
  }
}

extension ValueTrigger: Codable {
  private enum CodingKeys: String, CodingKey {
    case url, headersFrom, jsonPath, timeout
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      url: try container.decode(String.self, forKey: .url),
      headersFrom: try container.decodeIfPresent(SecretReference.self, forKey: .headersFrom),
      jsonPath: try container.decode(String.self, forKey: .jsonPath),
      timeout: try container.decodeIfPresent(PolicyDuration.self, forKey: .timeout) ?? .seconds(5),
      criteria: try Criteria(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try criteria.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(url, forKey: .url)
    try container.encodeIfPresent(headersFrom, forKey: .headersFrom)
    try container.encode(jsonPath, forKey: .jsonPath)
    try container.encode(timeout, forKey: .timeout)
  }
}
