import FuzzTargets
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

/// What made-up input has shown to be wrong, one test for each; the inputs stand in the corpus.
@Suite("Found by fuzzing")
struct FoundByFuzzingTests {
  private func holds(_ target: String, _ input: String) throws {
    let found = try #require(FuzzCorpus.inputs(of: target).first { $0.name == input })
    let target = try #require(FuzzTarget.named(target))
    #expect(throws: Never.self) { try target.check(found.bytes) }
  }

  @Test(
    "A PEM file that is cut is refused without repeating the private key in it",
    arguments: ["key-in-broken-pem.pem", "key-after-open-block.pem"])
  func privateKeyInError(input: String) throws {
    try holds("certificates", input)
  }

  @Test("What a credential plugin printed is not repeated, whatever member of the document it stands in")
  func secretAsKind() throws {
    try holds("credentials", "secret-as-kind.json")
  }

  @Test("A share of impossible numbers is described instead of ending the process")
  func shareOfImpossibleNumbers() throws {
    let half = try #require(Threshold("50%"))
    #expect(half.describe(1, of: 3) == "33%")
    #expect(half.describe(.max, of: 1) == "1000000%")
    #expect(half.describe(.min, of: 1) == "0%")
    try holds("durations", "huge-part.bin")
    try holds("durations", "negative-part.bin")
  }

  @Test("Replicas below zero do not end the process")
  func impossibleReplicas() throws {
    try holds("decisions", "impossible-replicas.json")
  }

  @Test("A name with a bracket in it is not the address of a server")
  func bracketInHost() throws {
    #expect(ServerAddress("http://a[b") == nil)
    #expect(ServerAddress("https://[fd00::1]:443") != nil)
    try holds("addresses", "bracket-in-host.txt")
  }

  @Test(
    "A key without an end, or with a line feed in it, does not make a message without an end or of two lines",
    arguments: ["endless-key.json", "endless-value.json", "line-feed-in-key.json"])
  func keysInMessages(input: String) throws {
    try holds("objects", input)
  }

  @Test("A pointer's token may begin with a combining mark")
  func combiningMark() throws {
    try holds("pointers", "combining-mark.txt")
  }

  @Test("The unknown type of a watch event is named in short, on one line")
  func unknownTypeOfEvent() throws {
    try holds("watch", "line-feed-in-type.txt")
  }

  @Test(
    "Ten lines of aliases are refused instead of being compared for hours", arguments: ["kubeconfig", "configuration"])
  func aliases(target: String) throws {
    try holds(target, "alias-bomb-as-key.yaml")
    #expect(!YAMLAliases.areTooMany(in: Array("a: &a [1]\nb: *a\n".utf8)))
    #expect(YAMLAliases.areTooMany(in: Array(String(repeating: "- *a\n", count: 17).utf8)))
  }
}
