import KubernetesClient
import SimulatedCluster
import Testing

/// Reading many objects: pages, older states, watches.
@Suite struct ListAndWatchTests {
  let fixture = Fixture()
  private let path = "/api/v1/namespaces/shop/configmaps"

  private func create(_ name: String, labels: JSONValue = [:]) throws {
    try fixture.server.create(
      .configMaps, "shop", ["metadata": ["name": .string(name), "labels": labels]], user: "tester")
  }

  private func list(_ query: String = "", asOf: UInt64? = nil) throws -> (status: Int, body: JSONValue) {
    let answer = fixture.server.respond(
      to: TransportRequest(method: "GET", path: path + query), user: "tester", asOf: asOf)
    return (answer.status, try JSONValue(parsing: answer.body))
  }

  private func names(_ list: JSONValue) -> [String] {
    (list["items"]?.array ?? []).compactMap { $0.at("/metadata/name")?.string }
  }

  @Test func `Pages show the state of the first page, also after changes`() throws {
    for name in ["a", "b", "c", "d"] { try create(name) }
    let first = try list("?limit=2").body
    #expect(names(first) == ["a", "b"])
    #expect(first.at("/metadata/remainingItemCount")?.int == 2)
    try fixture.server.delete(.configMaps, "shop", "c", user: "tester")
    try create("bb")
    let token = percentEncoded(first.at("/metadata/continue")?.string ?? "")
    #expect(names(try list("?limit=2&continue=\(token)").body) == ["c", "d"])
  }

  @Test func `A token that is older than the last compaction is answered with 410`() throws {
    for name in ["a", "b", "c"] { try create(name) }
    let first = try list("?limit=1").body
    try create("d")
    fixture.server.compact(before: fixture.server.resourceVersion)
    let token = percentEncoded(first.at("/metadata/continue")?.string ?? "")
    let answer = try list("?limit=1&continue=\(token)")
    #expect(answer.status == 410)
    #expect(answer.body["reason"]?.string == "Expired")
    #expect(names(try list().body) == ["a", "b", "c", "d"])
  }

  @Test func `A stale read shows an older state`() throws {
    try create("a")
    let version = fixture.server.resourceVersion
    try fixture.server.delete(.configMaps, "shop", "a", user: "tester")
    try create("b")
    let stale = try list(asOf: version).body
    #expect(names(stale) == ["a"])
    #expect(stale.at("/metadata/resourceVersion")?.string == String(version))
    let get = TransportRequest(method: "GET", path: "\(path)/a")
    #expect(fixture.server.respond(to: get, user: "tester", asOf: version).status == 200)
    #expect(fixture.server.respond(to: get, user: "tester").status == 404)
  }

  @Test func `A watch resumes where it was told to, and tells what enters and leaves its selector`() throws {
    try create("a", labels: ["tier": "front"])
    let version = fixture.server.resourceVersion
    try create("b")
    let watch = try fixture.openWatch("\(path)?watch=true&resourceVersion=\(version)")
    let front = try fixture.openWatch("\(path)?watch=1&labelSelector=tier%3Dfront")
    #expect(try watch.lines() == ["ADDED b"])
    #expect(try front.lines() == ["ADDED a"])
    try fixture.server.patch(
      .configMaps, "shop", "b", .merge(["metadata": ["labels": ["tier": "front"]]]), user: "tester")
    try fixture.server.patch(
      .configMaps, "shop", "a", .merge(["metadata": ["labels": ["tier": "back"]]]), user: "tester")
    try fixture.server.delete(.configMaps, "shop", "b", user: "tester")
    #expect(try watch.lines() == ["MODIFIED b", "MODIFIED a", "DELETED b"])
    #expect(try front.lines() == ["ADDED b", "DELETED a", "DELETED b"])
    fixture.server.dropWatches()
    #expect(watch.hasEnded)
  }

  @Test func `A watch from before the last compaction gets an error event`() throws {
    try create("a")
    let version = fixture.server.resourceVersion
    try create("b")
    fixture.server.compact(before: version + 1)
    let watch = try fixture.openWatch("\(path)?watch=true&resourceVersion=\(version)")
    let line = try JSONValue(parsing: (watch.takeLine() ?? []).dropLast())
    #expect(line["type"]?.string == "ERROR")
    #expect(line.at("/object/code")?.int == 410)
    #expect(watch.hasEnded)
  }

  @Test func `A streamed list ends with its own bookmark, and bookmarks come when they are wanted`() throws {
    try create("a")
    let watch = try fixture.openWatch(
      "\(path)?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    #expect(watch.takeLine() != nil)
    let end = try JSONValue(parsing: (watch.takeLine() ?? []).dropLast())
    #expect(end.at("/object/metadata/annotations/k8s.io~1initial-events-end")?.string == "true")
    watch.bookmark()
    #expect(try watch.lines() == ["BOOKMARK "])
  }

  @Test func `What is not allowed is refused with 403`() throws {
    fixture.server.setAuthorizer { _, verb, _, _, _, _ in verb == "list" }
    #expect(try list().status == 200)
    let answer = fixture.server.respond(to: TransportRequest(method: "GET", path: "\(path)/a"), user: "mallory")
    #expect(answer.status == 403)
    #expect(throws: WatchRefused.self) { try fixture.openWatch("\(path)?watch=true") }
  }
}
