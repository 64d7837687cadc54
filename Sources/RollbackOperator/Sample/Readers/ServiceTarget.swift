import RollbackCore

/// Where in the network a probe of a Service goes.
struct ServiceTarget: Hashable, Sendable {
  var addresses: [IPAddress]
  var port: UInt16

  /// Why a Service cannot be asked.
  enum Absence: Error, Hashable {
    /// The policy or the Service is written so that nobody can ask; nothing is known of the workload.
    case misconfigured(String)
    /// Nobody answers for the Service: every client would be refused.
    case dead(String)
  }

  /// - Parameter port: as the policy names it; `nil` for the Service's only one.
  init(_ service: ServiceFacts, named name: String, port: PortReference?) throws(Absence) {
    switch service.kind {
    case .externalName:
      throw .misconfigured("Service \(name) is an ExternalName, which is never followed; name its address with url")
    case .clusterIP(let addresses):
      let port = try Self.port(port, of: service, name)
      guard !addresses.isEmpty else {
        throw .misconfigured("Service \(name) has no cluster IP; check its status")
      }
      self.init(addresses: addresses, port: port.number)
    case .headless(let endpoints):
      let port = try Self.port(port, of: service, name)
      guard let first = endpoints.first else { throw .dead("Service \(name) has no ready endpoint") }
      guard let number = first.listens(at: port) else {
        throw .misconfigured("the endpoints of Service \(name) have no port \(port); check its targetPort")
      }
      self.init(addresses: endpoints.filter { $0.listens(at: port) == number }.map(\.address), port: number)
    }
  }

  private init(addresses: [IPAddress], port: UInt16) {
    self.addresses = addresses
    self.port = port
  }

  private static func port(
    _ wanted: PortReference?, of service: ServiceFacts, _ name: String
  ) throws(Absence) -> ServiceFacts.Port {
    let ports = service.ports
    let known = ports.isEmpty ? "none" : ports.map(\.description).joined(separator: ", ")
    guard let wanted else {
      guard let only = ports.first, ports.count == 1 else {
        throw .misconfigured("Service \(name) has not one TCP port but \(known); name one with port")
      }
      return only
    }
    let found = ports.first { port in
      switch wanted {
      case .name(let text): port.name == text
      case .number(let number): Int(port.number) == number
      }
    }
    guard let found else {
      let text = if case .number(let number) = wanted { "\(number)" } else { "of this name" }
      throw .misconfigured("Service \(name) has no TCP port \(text); it has \(known)")
    }
    return found
  }
}

extension ServiceFacts.Endpoint {
  fileprivate func listens(at port: ServiceFacts.Port) -> UInt16? { ports.isEmpty ? port.number : ports[port.name] }
}

extension ServiceFacts.Port: CustomStringConvertible {
  /// For people.
  public var description: String { name.isEmpty ? "\(number)" : "\(number) (\(name))" }
}
