import KubernetesClient
import LocalCluster
import RollbackCore
import RollbackOperator
import Testing

@Suite(
  "A wrong value in any field of a policy is refused with the field, what is wrong and what to write", .timeLimitOfQueue
)
struct SchemaFieldTests {
  @Test("Every field of the schema has a wrong value in the table")
  func complete() throws {
    let fields = try SchemaField.ofPolicies()
    #expect(fields.count > 150)
    let known = WrongValue.all.map(\.field)
    #expect(Set(known).count == known.count, "one entry for each field")
    let leaves = fields.filter(\.isLeaf).map(\.path)
    #expect(Set(leaves).subtracting(known).sorted() == [], "fields without an entry")
    #expect(Set(known).subtracting(leaves).sorted() == [], "entries without a field")
  }

  @Test("The operator refuses the same values, for API servers that do not know the rules")
  func operators() throws {
    let whole = try PolicyObject.decode(try WrongValue.whole.serialized())
    #expect(try whole.spec.get().triggers.count > 5)
    for value in WrongValue.all {
      let policy = try WrongValue.policy(with: value.wrong, at: value.field)
      guard case .failure(let violation) = try PolicyObject.decode(policy.policy.serialized()).spec else {
        Issue.record("\(value.field) was accepted")
        continue
      }
      #expect(violation.path.hasPrefix("spec") && !violation.problem.isEmpty && !violation.remedy.isEmpty)
      // What can be decoded is told with the field, or with the one that holds it where two together are wrong.
      #expect(
        policy.path.hasPrefix(violation.path) && violation.path.contains(".")
          || violation.remedy.contains("kubectl explain"), "\(policy.path): \(violation)")
      if value.isOperators {
        #expect(violation.path == policy.path && violation.description.contains(value.says), "\(violation)")
      }
    }
  }

  @Test("The API server says so when the policy is applied")
  func applied() async throws {
    let world = try await World.shared()
    try world.requireCEL()
    #expect(try await Self.refusal(of: WrongValue.whole, world) == nil)
    for value in WrongValue.all where !value.isOperators {
      let policy = try WrongValue.policy(with: value.wrong, at: value.field)
      let refusal = try await Self.refusal(of: policy.policy, world) ?? "accepted"
      #expect(
        refusal.split(separator: ", spec.").contains {
          $0.contains(policy.path.dropFirst(5)) && $0.contains(value.says)
        },
        "\(policy.path): \(value.says) is not in: \(refusal)")
    }
  }

  @Test("A value of a wrong type in any field is named with the type that it must have")
  func types() async throws {
    let world = try await World.shared()
    try world.requireCEL()
    var asked = 0
    for field in try SchemaField.ofPolicies() {
      guard let type = field.type else { continue }
      let wrong: JSONValue = type == "string" ? 7 : "seven"
      let policy = try WrongValue.policy(with: wrong, at: field.path)
      let refusal = try await Self.refusal(of: policy.policy, world) ?? "accepted"
      asked += 1
      #expect(
        refusal.contains("\(policy.path) in body must be of type \(type)")
          || refusal.contains("\(policy.path): Invalid value") && refusal.contains("must be of type \(type)"),
        "\(policy.path): \(refusal)")
    }
    #expect(asked > 120)
  }

  /// What the API server says to a policy; `nil` when it takes it.
  private static func refusal(of policy: JSONValue, _ world: World) async throws -> String? {
    do throws(KubernetesError) {
      _ = try await world.client.create(
        .rollbackPolicies, namespace: "default", policy, options: WriteOptions(dryRun: true, fieldValidation: .strict))
      return nil
    } catch {
      return "\(error)"
    }
  }
}
