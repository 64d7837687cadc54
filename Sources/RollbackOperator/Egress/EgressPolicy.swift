/// The rules of every request to something else than the API server: who may reach which host, judged by its name
/// before it is resolved, and by its addresses after.
///
/// - Everything in the operator's own configuration may be reached.
/// - A policy's URL may reach what `egress.allow` lists, and the Services of the policy's own namespace.
/// - Loopback, link-local, metadata, multicast and API server addresses a policy never reaches, whatever is listed.
/// - A private address only behind a Service of the policy's own namespace, or a host that a pattern names; `*` stands
///   for every public host.
public struct EgressPolicy: Sendable {
  /// By which rule a URL's host passed.
  public enum Admission: Sendable, Hashable {
    /// The operator's configuration names it.
    case administrator
    /// A pattern of `egress.allow` names the host or its domain.
    case listed
    /// The pattern `*` of `egress.allow` matches.
    case anyHost
    /// A Service of the policy's own namespace, by its name.
    case ownService(String)
  }

  let allow: [EgressPattern]
  let rules: AddressRules

  public init(allow: [EgressPattern], rules: AddressRules) {
    self.allow = allow
    self.rules = rules
  }

  /// Judges what is written in the URL; nothing is looked up.
  public func permit(_ url: OutboundURL, for origin: OutboundOrigin) throws(EgressRefusal) -> Admission {
    switch origin {
    case .administrator: return .administrator
    case .ownService:
      // The host is only what the server is called; the addresses are judged.
      return .ownService("\(url.host)")
    case .policy(let namespace):
      if let kind = forbidden(url.host) {
        throw EgressRefusal(
          .forbidden, host: "\(url.host)",
          reason:
            "is \(kind), which no policy may reach, whatever egress.allow lists; name another host, or one of the "
            + "sources of the operator's configuration")
      }
      let service = Self.service(of: url.host, in: namespace)
      // The cluster knows its Services better than the DNS, which follows an ExternalName; but `web.shop` may be a
      // domain as well as a Service, and somebody listed it.
      if let service, service.isUnmistakable { return .ownService(service.name) }
      if allow.contains(where: { !$0.isForAll && $0.matches(url) }) { return .listed }
      if let service { return .ownService(service.name) }
      if allow.contains(where: { $0.matches(url) }) { return .anyHost }
      throw EgressRefusal(
        .notAllowed, host: "\(url.host)",
        reason: "is not in the operator's egress.allow; ask the operator's administrator to add it, or name one of the "
          + "sources of the operator's configuration")
    }
  }

  /// Judges what the host was resolved to. One address that may not be reached refuses the host whole: a name that has
  /// both kinds is made to be asked until the other kind comes.
  public func permit(
    _ addresses: [IPAddress], of url: OutboundURL, as admission: Admission
  ) throws(EgressRefusal) {
    guard admission != .administrator else { return }
    guard !addresses.isEmpty else {
      throw EgressRefusal(
        .noAddress, host: "\(url.host)",
        reason: "has no address: the Service does not exist, is an ExternalName, or has no ready endpoints; check the "
          + "Service")
    }
    let verdicts = addresses.map(rules.judge)
    for case .forbidden(let kind) in verdicts {
      throw EgressRefusal(
        .forbidden, host: "\(url.host)",
        reason: "resolves to \(kind), which no policy may reach, whatever egress.allow lists; check the name, or name "
          + "one of the sources of the operator's configuration")
    }
    guard admission == .anyHost, verdicts.contains(.privateNetwork) else { return }
    throw EgressRefusal(
      .privateAddress, host: "\(url.host)",
      reason: "is on a private network, for which the * in the operator's egress.allow does not stand; ask the "
        + "operator's administrator to list the host itself")
  }

  private func forbidden(_ host: OutboundURL.Host) -> String? {
    switch host {
    case .name(let name): return rules.forbiddenName(name)
    case .address(let address):
      guard case .forbidden(let kind) = rules.judge(address) else { return nil }
      return kind
    }
  }

  /// The Service that `host` names by `SERVICE.NAMESPACE`, `SERVICE.NAMESPACE.svc` or
  /// `SERVICE.NAMESPACE.svc.cluster.local`, when it is one of `namespace`; the first form may be a domain too.
  static func service(
    of host: OutboundURL.Host, in namespace: String
  ) -> (name: String, isUnmistakable: Bool)? {
    guard case .name(let name) = host else { return nil }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels[1] == namespace else { return nil }
    let rest = labels.dropFirst(2).joined(separator: ".")
    guard ["", "svc", "svc.cluster.local"].contains(rest) else { return nil }
    return (String(labels[0]), !rest.isEmpty)
  }
}
