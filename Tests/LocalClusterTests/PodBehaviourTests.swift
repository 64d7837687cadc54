import KubernetesClient
import LocalCluster
import Testing

@Suite("Annotations of simulated pods")
struct PodBehaviourTests {
  @Test(
    "Annotations are read as they are documented",
    arguments: [
      ([:], PodBehaviour()),
      (["behaviour": "Ready"], PodBehaviour()),
      (["behaviour": "CrashLoop"], PodBehaviour(kind: .crashLoop)),
      (["behaviour": "ImagePull"], PodBehaviour(kind: .imagePull)),
      (["behaviour": "OOMKilled"], PodBehaviour(kind: .oomKilled)),
      (["behaviour": "Unready"], PodBehaviour(kind: .unready)),
      (["behaviour": "Pending"], PodBehaviour(kind: .pending)),
      (["ready-after": "1s"], PodBehaviour(readyAfter: .seconds(1))),
      (["ready-after": "500ms"], PodBehaviour(readyAfter: .milliseconds(500))),
      (["ready-after": "1m30s"], PodBehaviour(readyAfter: .seconds(90))),
      (["fail-after": "1h"], PodBehaviour(failAfter: .seconds(3_600))),
    ] as [([String: String], PodBehaviour)])
  func reading(annotations: [String: String], behaviour: PodBehaviour) throws {
    let prefixed = StringMap(
      Dictionary(uniqueKeysWithValues: annotations.map { (PodBehaviour.prefix + $0.key, $0.value) }))
    #expect(try PodBehaviour(annotations: prefixed) == behaviour)
  }

  @Test(
    "An annotation that cannot be read is named",
    arguments: [
      ("behaviour", "crashloop"), ("behaviour", ""), ("ready-after", "1"), ("ready-after", "-1s"),
      ("fail-after", "s"), ("fail-after", "1s "), ("fail-after", "99999999999999999999s"), ("fail-after", "1d"),
      ("fail-after", ""),
    ])
  func refusing(name: String, value: String) throws {
    let error = try #require(throws: InvalidBehaviour.self) {
      try PodBehaviour(annotations: StringMap([PodBehaviour.prefix + name: value]))
    }
    #expect(error.annotation == name)
    #expect(error.description.contains(PodBehaviour.prefix + name))
  }
}
