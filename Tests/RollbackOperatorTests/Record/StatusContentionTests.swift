import ControllerRuntime
import KubernetesClient
import Testing

@testable import RollbackOperator

@Suite("Who corrects another operator's status")
struct StatusContentionTests {
  private let name = NamespacedName(namespace: "shop", name: "web")

  private func seen(_ version: Int, generation: Int64 = 1) -> ObjectMeta {
    ObjectMeta(name: "web", namespace: "shop", resourceVersion: "\(version)", generation: generation)
  }

  /// The times of the first writes of somebody whose every write is put back at once.
  private func writes(_ count: Int, generation: (Int) -> Int64 = { _ in 1 }) -> [Duration] {
    let contention = StatusContention()
    var now = Duration.seconds(1_000)
    var times: [Duration] = []
    for number in 0..<count {
      // Odd versions are one's own, even ones the other's.
      let other = seen(2 * number, generation: generation(number))
      while let pause = contention.pause(name, seen: other, now: now) { now += pause }
      contention.wrote(name, over: other, version: "\(2 * number + 1)", now: now)
      times.append(now - .seconds(1_000))
    }
    return times
  }

  @Test("waits longer each time, up to a minute")
  func backsOff() {
    let times = writes(12)
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    #expect(gaps.map(\.components.seconds) == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60])
  }

  @Test("does not wait when a person has changed the specification")
  func specification() {
    #expect(writes(12) { Int64($0) }.allSatisfy { $0 == .zero })
  }

  @Test("does not wait to write over what it wrote itself, nor after a long time, nor for a policy that was gone")
  func ownAndOld() {
    let contention = StatusContention()
    for number in 0..<10 { contention.wrote(name, over: seen(2 * number), version: "\(2 * number + 1)", now: .zero) }
    #expect(contention.pause(name, seen: seen(50), now: .zero) != nil)
    #expect(contention.pause(name, seen: seen(19), now: .zero) == nil)
    #expect(contention.pause(name, seen: seen(50), now: .seconds(301)) == nil)
    contention.forget(name)
    #expect(contention.pause(name, seen: seen(50), now: .zero) == nil)
  }
}
