import RollbackCore

extension MetricSource {
  private static let example =
    "sources: [{name: default, prometheus: {address: \"http://prometheus.monitoring:9090\"}}]"

  /// Reads `sources`.
  static func read(
    _ node: ConfigurationNode, _ complaints: inout [ConfigurationNode.Complaint]
  ) -> [MetricSource] {
    var sources: [MetricSource] = []
    var names: Set<String> = []
    for element in node.elements(example: example, &complaints) {
      guard let members = element.members(["name", "prometheus"], &complaints) else { continue }
      guard let nameNode = members["name"] else {
        complaints.append(element.complaint("has no name", "write for example \(example)"))
        continue
      }
      guard let name = nameNode.value(&complaints, ConfigurationValue.sourceName) else { continue }
      guard names.insert(name).inserted else {
        complaints.append(nameNode.complaint("\(quoted(name)) stands twice", "give each source a name of its own"))
        continue
      }
      guard let prometheus = members["prometheus"] else {
        complaints.append(element.complaint("has no prometheus", "write for example \(example)"))
        continue
      }
      if let prometheus = Prometheus.read(prometheus, &complaints) {
        sources.append(MetricSource(name: name, prometheus: prometheus))
      }
    }
    return sources
  }
}

extension MetricSource.Prometheus {
  static func read(
    _ node: ConfigurationNode, _ complaints: inout [ConfigurationNode.Complaint]
  ) -> MetricSource.Prometheus? {
    let keys = ["address", "headersFile", "bearerTokenFile", "tls", "timeout"]
    guard let members = node.members(keys, &complaints) else { return nil }
    let tls = members["tls"].map { MetricSource.TLS.read($0, &complaints) }
    let headersFile = members["headersFile"]?.value(&complaints, ConfigurationValue.path) ?? nil
    let bearerTokenFile = members["bearerTokenFile"]?.value(&complaints, ConfigurationValue.path) ?? nil
    let timeout = members["timeout"]?.value(&complaints, ConfigurationValue.sourceTimeout)
    guard let addressNode = members["address"] else {
      complaints.append(
        node.complaint("has no address", "write for example address: \"http://prometheus.monitoring:9090\""))
      return nil
    }
    guard let address = addressNode.value(&complaints, ConfigurationValue.outboundURL) else { return nil }
    if tls != nil, address.scheme == .http {
      complaints.append(
        node.complaint("has tls, but its address begins with http://", "write https://, or leave out tls"))
    }
    var result = MetricSource.Prometheus(address: address)
    result.headersFile = headersFile
    result.bearerTokenFile = bearerTokenFile
    result.tls = tls ?? MetricSource.TLS()
    result.timeout = timeout ?? result.timeout
    return result
  }
}

extension MetricSource.TLS {
  static func read(
    _ node: ConfigurationNode, _ complaints: inout [ConfigurationNode.Complaint]
  ) -> MetricSource.TLS {
    guard let members = node.members(["caFile", "certFile", "keyFile"], &complaints) else { return MetricSource.TLS() }
    var result = MetricSource.TLS()
    result.caFile = members["caFile"]?.value(&complaints, ConfigurationValue.path) ?? nil
    result.certFile = members["certFile"]?.value(&complaints, ConfigurationValue.path) ?? nil
    result.keyFile = members["keyFile"]?.value(&complaints, ConfigurationValue.path) ?? nil
    if (result.certFile == nil) != (result.keyFile == nil) {
      complaints.append(node.complaint("has a certFile or a keyFile without the other", "name both files, or none"))
    }
    return result
  }
}
