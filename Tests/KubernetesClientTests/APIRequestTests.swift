import Logging
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Requests are what the API server expects", .timeLimit(.minutes(2)))
struct APIRequestTests {
  private let clock = ManualClock(.automatic)

  private func client(_ answers: [ScriptedTransport.Answer]) -> (KubernetesClient, ScriptedTransport) {
    let transport = ScriptedTransport(clock: clock, answers)
    return (KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test")), transport)
  }

  private static let object = ScriptedTransport.Answer.json(200, #"{"metadata":{"name":"a"}}"#)

  private func header(_ request: TransportRequest?, _ name: String) -> String? {
    request?.headers.first { $0.name == name }?.value
  }

  @Test(
    "Every kind of patch has its content type and body",
    arguments: [
      (
        Patch.json([
          .test(path: "/metadata/resourceVersion", value: "7"), .replace(path: "/spec/template", value: ["a": 1]),
          .remove(path: "/x"), .add(path: "/y/-", value: true), .move(from: "/p", path: "/q"),
          .copy(from: "/p", path: "/q"),
        ]), "application/json-patch+json",
        #"[{"op":"test","path":"/metadata/resourceVersion","value":"7"},{"op":"replace","path":"/spec/template","value":{"a":1}},{"op":"remove","path":"/x"},{"op":"add","path":"/y/-","value":true},{"op":"move","from":"/p","path":"/q"},{"op":"copy","from":"/p","path":"/q"}]"#
      ),
      (.merge(["spec": ["paused": nil]]), "application/merge-patch+json", #"{"spec":{"paused":null}}"#),
      (.strategicMerge(["spec": [:]]), "application/strategic-merge-patch+json", #"{"spec":{}}"#),
      (.apply(["kind": "A"], force: true), "application/apply-patch+yaml", #"{"kind":"A"}"#),
    ])
  func patches(patch: Patch, contentType: String, body: String) async throws {
    let (client, transport) = client([Self.object])
    try await client.patch(.deployments, namespace: "shop", name: "web", patch)
    let request = transport.requests.first
    #expect(request?.method == "PATCH")
    let force = if case .apply = patch { "&force=true" } else { "" }
    #expect(request?.path == "/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=rollback-operator\(force)")
    #expect(header(request, "Content-Type") == contentType)
    #expect(header(request, "User-Agent") == "rollback-operator")
    #expect(header(request, "Accept") == "application/json")
    #expect(String(decoding: request?.body ?? [], as: UTF8.self) == body)
  }

  @Test("Options of writes become parameters, subresources part of the path")
  func options() async throws {
    let (client, transport) = client([Self.object, Self.object, Self.object])
    let options = WriteOptions(dryRun: true, fieldValidation: .strict, fieldManager: "drill & co")
    try await client.replace(
      .deployments, namespace: "shop", name: "web", subresource: "status", ["a": 1], options: options)
    try await client.create(.namespaces, ["metadata": ["name": "n"]], options: WriteOptions(fieldValidation: .warn))
    try await client.scale(.deployments, namespace: "shop", name: "web", replicas: 3, resourceVersion: "7")
    #expect(transport.requests.map(\.method) == ["PUT", "POST", "PATCH"])
    #expect(
      transport.paths == [
        "/apis/apps/v1/namespaces/shop/deployments/web/status?fieldManager=drill%20%26%20co&fieldValidation=Strict&dryRun=All",
        "/api/v1/namespaces?fieldManager=rollback-operator&fieldValidation=Warn",
        "/apis/apps/v1/namespaces/shop/deployments/web/scale?fieldManager=rollback-operator",
      ])
    #expect(
      String(decoding: transport.requests.last?.body ?? [], as: UTF8.self)
        == #"{"spec":{"replicas":3},"metadata":{"resourceVersion":"7"}}"#)
  }

  @Test("A delete carries its preconditions and the propagation policy in the body")
  func delete() async throws {
    let (client, transport) = client([Self.object, Self.object])
    try await client.delete(
      .pods, namespace: "shop", name: "web-1", preconditions: Preconditions(uid: "u", resourceVersion: "7"),
      propagation: .foreground, gracePeriodSeconds: 0, options: WriteOptions(dryRun: true))
    try await client.delete(.pods, namespace: "shop", name: "web-1")
    #expect(transport.requests.map(\.method) == ["DELETE", "DELETE"])
    #expect(
      transport.requests.map { String(decoding: $0.body, as: UTF8.self) } == [
        #"{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u","resourceVersion":"7"},"propagationPolicy":"Foreground","gracePeriodSeconds":0,"dryRun":["All"]}"#,
        #"{"apiVersion":"v1","kind":"DeleteOptions"}"#,
      ])
  }

  @Test("Names cannot change the shape of a path")
  func hostileName() async throws {
    let (client, transport) = client([Self.object])
    _ = try await client.getValue(.secrets, namespace: "a/../b", name: "x?y#z/../../w")
    #expect(transport.paths == ["/api/v1/namespaces/a%2F..%2Fb/secrets/x%3Fy%23z%2F..%2F..%2Fw"])
  }

  @Test("Whether an object exists is asked with its metadata only")
  func exists() async throws {
    let (client, transport) = client([
      Self.object, .status(404, "NotFound"), .status(403, "Forbidden"),
    ])
    #expect(try await client.exists(.secrets, namespace: "shop", name: "s"))
    #expect(try await !client.exists(.secrets, namespace: "shop", name: "s"))
    await #expect(throws: KubernetesError.self) {
      try await client.exists(.secrets, namespace: "shop", name: "s")
    }
    #expect(header(transport.requests.first, "Accept")?.contains("as=PartialObjectMetadata;") == true)
  }

  @Test("Types that need metadata only ask for no more")
  func metadataOnly() async throws {
    let (client, transport) = client([.json(200, #"{"metadata":{"resourceVersion":"1"},"items":[]}"#)])
    _ = try await client.list(ReplicaSetMetadata.self, namespace: "shop")
    #expect(header(transport.requests.first, "Accept")?.contains("as=PartialObjectMetadataList;") == true)
  }

  @Test("Impersonation is a pair of headers on every request")
  func impersonation() async throws {
    let (client, transport) = client([Self.object, Self.object])
    _ = try await client.impersonating(user: "system:serviceaccount:shop:bot", groups: ["g"])
      .getValue(.pods, namespace: "shop", name: "p")
    _ = try await client.getValue(.pods, namespace: "shop", name: "p")
    #expect(header(transport.requests.first, "Impersonate-User") == "system:serviceaccount:shop:bot")
    #expect(header(transport.requests.first, "Impersonate-Group") == "g")
    #expect(header(transport.requests.last, "Impersonate-User") == nil)
  }

  @Test("A log is text, also when its bytes are not")
  func log() async throws {
    let (client, transport) = client([
      .response(TransportResponse(status: 200, headers: [("Content-Type", "text/plain")], body: [0x61, 0xFF, 0x0A]))
    ])
    let log = try await client.log(namespace: "shop", pod: "p", container: "c", tailLines: 5, previous: true)
    #expect(log == "a\u{FFFD}\n")
    #expect(
      transport.paths
        == ["/api/v1/namespaces/shop/pods/p/log?container=c&tailLines=5&previous=true&limitBytes=1048576"])
  }
}

@Suite("Lists are read page by page", .timeLimit(.minutes(2)))
struct APIListTests {
  private let clock = ManualClock(.automatic)

  private func page(_ names: [String], _ token: String = "", version: String = "10") -> ScriptedTransport.Answer {
    let items = names.map { #"{"metadata":{"name":"\#($0)","resourceVersion":"1"}}"# }.joined(separator: ",")
    return .json(200, #"{"metadata":{"resourceVersion":"\#(version)","continue":"\#(token)"},"items":[\#(items)]}"#)
  }

  private func client(_ answers: [ScriptedTransport.Answer]) -> (KubernetesClient, ScriptedTransport) {
    let transport = ScriptedTransport(clock: clock, answers)
    return (KubernetesClient(transport: transport, clock: clock, logger: Logger(label: "test")), transport)
  }

  @Test("Pages follow each other by their tokens, without the resource version that the token implies")
  func pages() async throws {
    let (client, transport) = client([page(["a", "b"], "t/1"), page(["c"], "t2"), page(["d"])])
    let list = try await client.list(
      Deployment.self, namespace: "shop",
      options: ListOptions(
        labelSelector: "app=web,tier in (a)", limit: 2, resourceVersion: "5", resourceVersionMatch: .notOlderThan))
    #expect(list.items.map(\.metadata.name) == ["a", "b", "c", "d"])
    #expect(list.resourceVersion == "10")
    #expect(list.continueToken == nil)
    let path = "/apis/apps/v1/namespaces/shop/deployments?labelSelector=app%3Dweb%2Ctier%20in%20%28a%29&limit=2"
    #expect(
      transport.paths == [
        "\(path)&resourceVersion=5&resourceVersionMatch=NotOlderThan", "\(path)&continue=t%2F1", "\(path)&continue=t2",
      ])
  }

  @Test("When a token expires the whole list is read again, once")
  func expiredToken() async throws {
    let (client, _) = client([
      page(["a"], "t"), .status(410, "Expired"), page(["a"], "t"), page(["b"]),
    ])
    #expect(try await client.list(Deployment.self).items.map(\.metadata.name) == ["a", "b"])
    let (other, transport) = self.client([
      page(["a"], "t"), .status(410, "Expired"), page(["a"], "t"), .status(410, "Expired"),
    ])
    let error = await #expect(throws: KubernetesError.self) { try await other.list(Deployment.self) }
    #expect(error?.isGone == true)
    #expect(transport.requests.count == 4)
  }

  @Test("Lists of untyped values are paged too")
  func values() async throws {
    let (client, _) = client([page(["a"], "t"), page(["b"])])
    let items = try await client.listValues(.configMaps, namespace: "shop")
    #expect(items.compactMap { $0["metadata"]?["name"]?.string } == ["a", "b"])
  }

  @Test("One object that cannot be read does not hide the others")
  func errorBoundary() async throws {
    let (client, _) = client([
      .json(
        200,
        #"{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"bad"},"spec":{"replicas":"many"}},{"metadata":{"name":"good"}}]}"#
      )
    ])
    let items = try await client.list(Deployment.self).items
    #expect(items.map(\.metadata.name) == ["bad", "good"])
    #expect(items.map { $0.object == nil } == [true, false])
  }
}
