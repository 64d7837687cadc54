import KubernetesClient
import SimulatedCluster
import Testing

@Suite("Watches that do not show everything")
struct DisturbedWatchTests {
  let fixture = Fixture()
  let path = "/api/v1/namespaces/shop/configmaps"

  private func write(_ name: String, _ value: String) throws -> UInt64 {
    let object: JSONValue = ["metadata": ["name": .string(name)], "data": ["value": .string(value)]]
    if fixture.server.object(.configMaps, "shop", name) == nil {
      try fixture.server.create(.configMaps, "shop", object, user: "tester")
    } else {
      try fixture.server.update(.configMaps, "shop", object, user: "tester")
    }
    return fixture.server.resourceVersion
  }

  @Test func `A hidden change is held back until a newer one of the same object takes its place`() throws {
    _ = try write("a", "1")
    let watch = try fixture.openWatch("\(path)?watch=true&resourceVersion=\(fixture.server.resourceVersion)")
    let hidden = try write("a", "2")
    watch.hide(hidden)
    _ = try write("b", "1")
    #expect(watch.take() == nil)
    #expect(watch.isHolding)
    let newer = try write("a", "3")
    #expect(watch.isHolding == false)
    #expect(watch.untold.map(\.resourceVersion) == [newer - 1, newer])
    #expect(try watch.lines() == ["ADDED b", "MODIFIED a"])
  }

  @Test func `What is held back for too long is told after all`() throws {
    let watch = try fixture.openWatch("\(path)?watch=true&resourceVersion=\(fixture.server.resourceVersion)")
    let hidden = try write("a", "1")
    watch.hide(hidden)
    #expect(watch.take() == nil)
    watch.hide(nil)
    #expect(try watch.lines() == ["ADDED a"])
  }

  @Test func `A streamed list from the past is followed by what has happened since`() throws {
    let first = try write("a", "1")
    let second = try write("b", "1")
    let request = TransportRequest(
      method: "GET",
      path: "\(path)?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    #expect(fixture.server.versions(listedBy: request) == [first, second])
    let watch = try fixture.server.openWatch(request, user: "tester", asOf: first).get()
    let list = try #require(watch.takeInitialEvents()).split(separator: 10)
    #expect(list.count == 2)
    let end = try JSONValue(parsing: Array(list[1]))
    #expect(end.at("/object/metadata/resourceVersion")?.string == String(first))
    #expect(try watch.lines() == ["ADDED b"])
  }

  @Test func `A streamed list is no older than the changes that can still be told`() throws {
    let first = try write("a", "1")
    _ = try write("b", "1")
    let third = try write("c", "1")
    fixture.server.compact(before: third)
    let request = TransportRequest(
      method: "GET",
      path: "\(path)?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    let watch = try fixture.server.openWatch(request, user: "tester", asOf: first).get()
    let list = try #require(watch.takeInitialEvents()).split(separator: 10)
    #expect(list.count == 4, "three objects and the bookmark")
  }
}
