import FuzzTargets
import Testing

/// What libFuzzer does in `make fuzz`, in small: the same readers, the same inputs, changed by a seed instead of by
/// what they reach.
@Suite("Readers of foreign bytes")
struct CorpusTests {
  @Test("Every reader has inputs to start from, and every input a reader")
  func corpora() {
    #expect(FuzzCorpus.targets == FuzzTarget.all.map(\.name).sorted())
    for target in FuzzTarget.all { #expect(FuzzCorpus.inputs(of: target.name).count >= 3, "\(target.name)") }
  }

  @Test("What must hold holds for every input of the corpus", arguments: FuzzTarget.all.map(\.name))
  func corpus(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    for input in FuzzCorpus.inputs(of: name) {
      #expect(throws: Never.self, "\(name)/\(input.name)") { try target.check(input.bytes) }
    }
  }

  @Test("And for changed copies of it", arguments: FuzzTarget.all.map(\.name))
  func mutations(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let inputs = FuzzCorpus.inputs(of: name)
    var mutator = Mutator(seed: 1)
    // Long inputs take longer: the same work for each reader.
    var left = 250_000
    while left > 0, let input = inputs.randomElement(using: &mutator), let other = inputs.randomElement(using: &mutator)
    {
      let bytes = mutator.mutated(input.bytes, mixing: other.bytes)
      left -= bytes.count + 200
      #expect(throws: Never.self, "\(name): \(bytes)") { try target.check(bytes) }
    }
  }

  @Test("No reader minds an empty input, a long one, or one that is deep", arguments: FuzzTarget.all.map(\.name))
  func extremes(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let inputs = [
      "", "[", "{\"a\":", "\"", "9", "a", " ", "- ", "&a [*a]\n", "/a", "\u{0}", "h", "-----BEGIN A-----\n",
    ]
    for input in inputs {
      let bytes = Array(String(repeating: input, count: 2_000).utf8)
      #expect(throws: Never.self, "\(name): 2,000 times \(input)") { try target.check(bytes) }
    }
  }
}
