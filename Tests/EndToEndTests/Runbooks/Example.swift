import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// A policy of `manifests/examples` as it stands there, but for times and names.
struct Example: Sendable, CustomTestStringConvertible {
  var name: String

  init(_ name: String) { self.name = name }

  var testDescription: String { name }

  static let all =
    (try? FileManager.default.contentsOfDirectory(atPath: "\(Tool.checkout)/manifests/examples"))?.sorted()
    .map { Example($0) } ?? []

  /// The text of its `policy.yaml`; empty when there is none.
  var text: String { Tool.text("manifests/examples/\(name)/policy.yaml") }

  /// What may be replaced: times, and where a host of the world outside is.
  private static let replaceable = [
    "interval:", "for:", "window:", "within:", "after:", "stalledFor:", "hotfixWindow:", "url:", "[",
  ]

  /// The policy for a namespace of the tests.
  ///
  /// - Parameter replacements: `for: 2m → 2s` or `[1m] → [5s]`, each for every place where it stands; one that stands
  ///   nowhere, or that is about something else than time, is an error.
  func policy(in namespace: String, _ replacements: [String] = []) throws -> String {
    var text = try replaced(text, "namespace: shop", by: "namespace: \(namespace)")
    for replacement in replacements {
      let sides = replacement.split(separator: " → ").map(String.init)
      guard sides.count == 2, let key = Self.replaceable.first(where: { sides[0].hasPrefix($0) }) else {
        throw HarnessError("\(replacement) is no replacement of a time")
      }
      text = try replaced(text, sides[0], by: key == "[" ? sides[1] : "\(key) \(sides[1])")
    }
    return text
  }

  private func replaced(_ text: String, _ part: String, by other: String) throws -> String {
    // Up to the end of the value: `for: 1m` is not the beginning of `for: 1ms`.
    let pieces = text.split(separator: part, omittingEmptySubsequences: false)
    guard pieces.count > 1, pieces.dropFirst().allSatisfy({ $0.first.map { !$0.isLetter && !$0.isNumber } ?? true })
    else { throw HarnessError("\(part) does not stand in example \(name)") }
    return pieces.joined(separator: other)
  }
}

extension Scene {
  /// Applies an example, as a user does with kubectl, and waits until an operator has taken it up.
  func apply(_ example: Example, _ replacements: String...) async throws { try await apply(example, replacements) }

  /// Applies an example with a short trial, so that the first revision is soon proven good, and then with a long one,
  /// so that the next is on trial for as long as a slow machine needs.
  func applyWhenProven(_ example: Example, _ replacements: String..., window: String) async throws {
    try await apply(example, replacements + ["window: 10m → \(window)"])
    try await verdict(1, becomes: "Good")
    try await apply(example, replacements)
  }

  private func apply(_ example: Example, _ replacements: [String]) async throws {
    let text = try example.policy(in: namespace, replacements)
    _ = try await world.kubectl("apply", "--validate=strict", "-f", "-", input: text)
    try await eventually("example \(example.name) was taken up") {
      let policy = try await self.policy(named: "web")
      return Progress(
        policy.status.observedGeneration == policy.metadata.generation && policy.status.state != nil,
        "\(policy.status)")
    }
  }

  /// Waits until every trigger of the policy returns data: from then on it knows what was before a rollout.
  func triggersReturnData() async throws { try await policyCondition("TriggersHealthy", is: .true) }
}

extension Release {
  /// A release that says by further annotations of the simulator what is measured of it. It serves after two seconds:
  /// what is bad within the second in which a rollout began was there before it.
  static func signalling(_ version: Int, _ signals: [String: String]) -> Release {
    let prefixed = signals.map { ("simulator.rollback-operator.io/\($0.key)", $0.value) }
    return Release(
      version: version, readyAfter: "2s", annotations: Dictionary(uniqueKeysWithValues: prefixed))
  }
}
