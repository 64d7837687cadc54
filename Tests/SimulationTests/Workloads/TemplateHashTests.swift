import KubernetesClient
import SimulatedCluster
import Testing

@Suite("Template hashes of the Deployment controller's model")
struct TemplateHashTests {
  private func template(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

  @Test("Order, the hash label and what is empty make no difference")
  func same() throws {
    let one = try template(
      #"{"metadata":{"creationTimestamp":null,"labels":{"app":"web","pod-template-hash":"abc"}},"spec":{"a":1,"b":{}}}"#
    )
    let other = try template(#"{"spec":{"b":{},"a":1},"metadata":{"annotations":{},"labels":{"app":"web"}}}"#)
    #expect(TemplateHash.fingerprint(one) == TemplateHash.fingerprint(other))
  }

  @Test(
    "What is another template has another hash",
    arguments: [
      #"{"spec":{"a":2}}"#, #"{"spec":{"a":"1"}}"#, #"{"spec":{"b":1}}"#, #"{"spec":{"a":1,"v":{}}}"#,
      #"{"spec":{"a":[1]}}"#, #"{"spec":{"a":[1,2]}}"#, #"{"spec":{"a":[2,1]}}"#, #"{"spec":{"a":true}}"#, "{}",
    ])
  func different(text: String) throws {
    let base = try TemplateHash.fingerprint(template(#"{"spec":{"a":1}}"#))
    #expect(try TemplateHash.fingerprint(template(text)) != base)
  }

  @Test("The label is a name, and another one after a collision")
  func label() throws {
    let fingerprint = try TemplateHash.fingerprint(template(#"{"spec":{"a":1}}"#))
    let first = TemplateHash.text(fingerprint)
    #expect(first.count == 10)
    #expect(first.allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) })
    #expect(TemplateHash.text(fingerprint, collisionCount: 1) != first)
  }
}
