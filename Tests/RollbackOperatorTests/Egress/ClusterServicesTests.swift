import KubernetesClient
import Logging
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("Addresses of Services")
struct ClusterServicesTests {
  private static func services(
    _ objects: [String: String], _ clock: ManualClock
  ) -> (services: ClusterServices, transport: ScriptedTransport) {
    let transport = ScriptedTransport(clock: clock) { request, _ in
      let path = request.path.split(separator: "?").first.map(String.init) ?? ""
      guard let body = objects[path] else {
        let status =
          #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"NotFound","code":404}"#
        return .response(
          TransportResponse(status: 404, headers: [("Content-Type", "application/json")], body: Array(status.utf8)))
      }
      return .response(TransportResponse(status: 200, body: Array(body.utf8)))
    }
    let client = KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test"))
    return (ClusterServices(client: client, clock: clock), transport)
  }

  private static func service(_ spec: String) -> [String: String] {
    [
      "/api/v1/namespaces/shop/services/web":
        #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":\#(spec)}"#
    ]
  }

  @Test(
    "Cluster IPs count; an ExternalName leads nowhere",
    arguments: [
      (#"{"clusterIP":"10.96.0.5","clusterIPs":["10.96.0.5","fd00::5"]}"#, ["10.96.0.5", "fd00::5"]),
      (#"{"clusterIP":"10.96.0.5"}"#, ["10.96.0.5"]),
      (#"{"type":"ExternalName","externalName":"metadata.google.internal","clusterIP":"10.96.0.5"}"#, []),
      (#"{"type":"ExternalName","externalName":"metadata.google.internal"}"#, []), (#"{"clusterIP":""}"#, []),
      ("{}", []),
    ])
  func clusterIPs(spec: String, expected: [String]) async throws {
    let (services, _) = Self.services(Self.service(spec), ManualClock(.automatic))
    #expect(try await services.addresses(of: "web", in: "shop").map(\.description) == expected)
  }

  @Test("A headless Service has the addresses of its ready endpoints")
  func headless() async throws {
    var objects = Self.service(#"{"clusterIP":"None","clusterIPs":["None"]}"#)
    objects["/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"] = #"""
      {"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":{"resourceVersion":"1"},"items":[
        {"metadata":{"name":"web-1"},"endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}},
          {"addresses":["10.0.0.2"],"conditions":{"ready":false}},{"addresses":["10.0.0.3"]}]},
        {"metadata":{"name":"web-2"},"endpoints":null}]}
      """#
    let (services, transport) = Self.services(objects, ManualClock(.automatic))
    #expect(try await services.addresses(of: "web", in: "shop").map(\.description) == ["10.0.0.1", "10.0.0.3"])
    #expect(transport.requests.last?.path.contains("kubernetes.io%2Fservice-name%3Dweb") == true)
  }

  @Test("A cluster that serves only the older kind of slices is understood as well")
  func older() async throws {
    var objects = Self.service(#"{"clusterIP":"None"}"#)
    objects["/apis/discovery.k8s.io/v1beta1/namespaces/shop/endpointslices"] = #"""
      {"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1beta1","metadata":{},"items":[
        {"metadata":{"name":"web-1"},"endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}}]}]}
      """#
    let (services, _) = Self.services(objects, ManualClock(.automatic))
    #expect(try await services.addresses(of: "web", in: "shop").map(\.description) == ["10.0.0.1"])
  }

  @Test("A Service that is not there has none, and an answer is used again for a short while")
  func remembered() async throws {
    let clock = ManualClock()
    let (services, transport) = Self.services([:], clock)
    for _ in 0..<3 { #expect(try await services.addresses(of: "web", in: "shop").isEmpty) }
    #expect(transport.requests.count == 1)
    clock.advance(by: .seconds(2))
    #expect(try await services.addresses(of: "web", in: "shop").isEmpty)
    #expect(transport.requests.count == 2)
  }

  @Test("A cluster IP is remembered for longer than endpoints, which come and go with every rollout")
  func lifetimes() async throws {
    for (spec, seconds) in [(#"{"clusterIP":"10.96.0.5"}"#, 15), (#"{"clusterIP":"None"}"#, 2)] {
      let clock = ManualClock()
      var objects = Self.service(spec)
      objects["/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"] =
        #"{"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":{},"items":[]}"#
      let (services, transport) = Self.services(objects, clock)
      _ = try await services.service("web", in: "shop")
      let first = transport.requests.count
      clock.advance(by: .seconds(seconds) - .milliseconds(1))
      _ = try await services.service("web", in: "shop")
      #expect(transport.requests.count == first)
      clock.advance(by: .milliseconds(1))
      _ = try await services.service("web", in: "shop")
      #expect(transport.requests.count == 2 * first)
    }
  }

  @Test("Ports are those of the Service, and of a headless one those of its endpoints")
  func ports() async throws {
    let ports = #"[{"name":"http","port":80,"targetPort":"web"},{"name":"dns","port":53,"protocol":"UDP"}]"#
    var objects = Self.service(#"{"clusterIP":"None","ports":\#(ports)}"#)
    objects["/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"] = #"""
      {"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":{},"items":[
        {"metadata":{"name":"web-1"},"ports":[{"name":"http","port":8080,"protocol":"TCP"}],
          "endpoints":[{"addresses":["10.0.0.1"]}]}]}
      """#
    let (services, _) = Self.services(objects, ManualClock(.automatic))
    let service = try #require(try await services.service("web", in: "shop"))
    #expect(service.ports == [ServiceFacts.Port(name: "http", number: 80)])
    let address = try #require(IPAddress("10.0.0.1"))
    #expect(service.kind == .headless([.init(address: address, ports: ["http": 8080])]))
  }
}
