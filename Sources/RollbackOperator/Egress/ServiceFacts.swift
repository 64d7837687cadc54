/// What a client needs to know of a Service.
public struct ServiceFacts: Sendable, Hashable {
  /// How its clients reach it.
  public enum Kind: Sendable, Hashable {
    case clusterIP([IPAddress])
    /// Its clients connect to its ready endpoints themselves.
    case headless([Endpoint])
    /// A name that leads wherever its author likes; it is never followed.
    case externalName
  }

  /// A TCP port.
  public struct Port: Sendable, Hashable {
    /// Empty when it has none.
    public var name: String
    public var number: UInt16

    public init(name: String = "", number: UInt16) {
      self.name = name
      self.number = number
    }
  }

  /// A ready endpoint, by its address, and where it listens.
  public struct Endpoint: Sendable, Hashable {
    public var address: IPAddress
    /// By the names of the Service's ports; empty: wherever the Service says.
    public var ports: [String: UInt16]

    public init(address: IPAddress, ports: [String: UInt16] = [:]) {
      self.address = address
      self.ports = ports
    }
  }

  public var kind: Kind
  public var ports: [Port]

  public init(_ kind: Kind, ports: [Port] = []) {
    self.kind = kind
    self.ports = ports
  }

  /// Where to connect to.
  public var addresses: [IPAddress] {
    switch kind {
    case .clusterIP(let addresses): addresses
    case .headless(let endpoints): endpoints.map(\.address)
    case .externalName: []
    }
  }
}
