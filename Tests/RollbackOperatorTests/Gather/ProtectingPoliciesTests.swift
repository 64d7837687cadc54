import KubernetesClient
import Testing

@testable import ControllerRuntime
@testable import RollbackOperator

@Suite("The policies that protect a workload are found without a look at all of them")
struct ProtectingPoliciesTests {
  private func policy(_ name: String, namespace: String = "shop", _ target: String) throws -> PolicyObject {
    try PolicyObject.decode(
      Array(
        #"{"metadata":{"name":"\#(name)","namespace":"\#(namespace)","uid":"\#(name)"},"spec":{"target":{\#(target)}}}"#
          .utf8))
  }

  @Test("Those that name it and those whose selector matches it, of its own namespace, by name")
  func found() throws {
    let scope = CacheScope(namespace: nil)
    let all = [
      try policy("z", #""name":"web""#), try policy("other", #""name":"api""#),
      try policy("a", #""selector":{"matchLabels":{"tier":"front"}}"#),
      try policy("b", #""selector":{"matchLabels":{"tier":"back"}}"#),
      try policy("foreign", namespace: "bank", #""name":"web""#),
      try policy("foreign-selector", namespace: "bank", #""selector":{}"#),
      try policy("invalid", #""name":"web","selector":{}"#),
    ]
    #expect(all.count { $0.validSpec == nil } == 1)
    scope.policies.write(resourceVersion: "1") { content in
      for policy in all { content.insert(policy) }
    }
    let web = try Deployment.decode(
      Array(#"{"metadata":{"name":"web","namespace":"shop","labels":{"tier":"front"}}}"#.utf8))
    #expect(scope.policies(protecting: web).map(\.metadata.name) == ["a", "z"])
    let back = try Deployment.decode(
      Array(#"{"metadata":{"name":"back","namespace":"shop","labels":{"tier":"back"}}}"#.utf8))
    #expect(scope.policies(protecting: back).map(\.metadata.name) == ["b"])
  }
}
