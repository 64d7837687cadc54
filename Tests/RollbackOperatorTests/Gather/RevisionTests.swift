import KubernetesClient
import RollbackCore
import Testing

@testable import RollbackOperator

@Suite("Revisions from the metadata of ReplicaSets")
struct RevisionTests {
  private static func revision(_ annotations: [String: String], hash: String? = "abc") -> Revision? {
    var all = ["deployment.kubernetes.io/revision": "4"]
    all.merge(annotations) { $1 }
    return Revision(
      ObjectMeta(
        name: "web-abc", uid: "u", labels: StringMap(hash.map { ["pod-template-hash": $0] } ?? [:]),
        annotations: StringMap(all)), template: nil)
  }

  private static func verdict(_ word: String, hash: String?) -> [String: String] {
    var annotations = ["rollback-operator.io/verdict": word]
    annotations["rollback-operator.io/verdict-hash"] = hash
    return annotations
  }

  @Test("A verdict counts for the hash that it was given for, and is one of two words")
  func verdicts() {
    #expect(Self.revision(Self.verdict("Good", hash: "abc"))?.verdict == .good)
    #expect(Self.revision(Self.verdict("Bad", hash: "abc"))?.verdict == .bad)
    #expect(Self.revision(Self.verdict("Bad", hash: "def"))?.verdict == nil)
    #expect(Self.revision(Self.verdict("Bad", hash: nil))?.verdict == nil)
    #expect(Self.revision(Self.verdict("bad", hash: "abc"))?.verdict == nil)
    #expect(Self.revision(Self.verdict(String(repeating: "Bad", count: 80_000), hash: "abc"))?.verdict == nil)
  }

  @Test(
    "Without a number or a hash there is no revision",
    arguments: ["-1", "0", "99999999999999999999", "", "four", "4.0", "٤", " 4"])
  func numbers(number: String) {
    #expect(Self.revision(["deployment.kubernetes.io/revision": number]) == nil)
    #expect(Self.revision([:], hash: nil) == nil)
    #expect(Self.revision([:])?.number == 4)
  }

  @Test(
    "Only a count counts as how often it was forgiven",
    arguments: [("2", 2), ("x", 0), ("-3", 0), ("", 0), ("99999999999999999999", 0), ("9223372036854775807", Int.max)])
  func forgiven(text: String, attempt: Int) {
    #expect(Self.revision(["rollback-operator.io/forgiven": text])?.attempt == attempt)
  }

  @Test("A revision that was current before is known as reused")
  func reused() {
    #expect(Self.revision([:])?.isReused == false)
    #expect(Self.revision(["deployment.kubernetes.io/revision-history": "1,2"])?.isReused == true)
  }
}
