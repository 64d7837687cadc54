/// Why an address may not be reached; the same for every request, so that an author can mend the policy before the
/// incident.
public struct EgressRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// The rule that refuses.
  public enum Rule: String, Sendable, Hashable {
    /// The host is in no pattern of `egress.allow`.
    case notAllowed
    /// Loopback, link-local, metadata, API server and the like: never, whatever is listed.
    case forbidden
    /// A private address, for a host that no pattern names.
    case privateAddress
    /// A Service of the policy's own namespace has no address to send to.
    case noAddress
  }

  public var rule: Rule
  /// The URL's host.
  public var host: String
  /// The end of the sentence whose subject is the host: what is wrong and what to do.
  public var reason: String

  public init(_ rule: Rule, host: String, reason: String) {
    self.rule = rule
    self.host = host
    self.reason = reason
  }

  /// One sentence with the host, the rule and the remedy.
  public var description: String { "host \(host) \(reason)" }
}
