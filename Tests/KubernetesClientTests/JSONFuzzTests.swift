import FoundationEssentials
import FuzzTargets
import KubernetesClient
import Testing

/// Compares the reader with Foundation's on random texts.
///
/// Where the two may differ is written down in ``JSONDifference``, and nowhere else.
@Suite("JSON against Foundation")
struct JSONFuzzTests {
  @Test("Valid documents have the same values as Foundation finds", arguments: 0..<8 as Range<UInt64>)
  func validDocuments(seed: UInt64) throws {
    var generator = JSONFuzzGenerator(seed: seed)
    for _ in 0..<500 {
      let text = generator.document()
      let value = try JSONValue(parsing: text)
      #expect(JSONComparison(Array(text.utf8)).failure == nil, "seed \(seed): \(text)")
      let copy = try JSONValue(parsing: value.serialized())
      #expect(copy == value, "seed \(seed): \(text)")
      #expect(copy.isSemanticallyEqual(to: value), "seed \(seed): \(text)")
    }
  }

  @Test("Changed documents are accepted, refused and read as Foundation does", arguments: 100..<108 as Range<UInt64>)
  func mutations(seed: UInt64) {
    var generator = JSONFuzzGenerator(seed: seed)
    for _ in 0..<400 {
      let document = Array(generator.document().utf8)
      for _ in 0..<4 {
        let bytes = generator.mutated(document)
        #expect(JSONComparison(bytes).failure == nil, "seed \(seed): \(bytes)")
      }
    }
  }

  @Test("Documents cut off at every byte are refused as Foundation does", arguments: 200..<208 as Range<UInt64>)
  func truncations(seed: UInt64) {
    var generator = JSONFuzzGenerator(seed: seed)
    var count = 0
    while count < 800 {
      let document = Array(generator.document().utf8)
      for length in document.indices {
        let bytes = Array(document[..<length])
        #expect(JSONComparison(bytes).failure == nil, "seed \(seed): \(bytes)")
      }
      count += document.count
    }
  }

  @Test("Noise is refused as Foundation does", arguments: 300..<304 as Range<UInt64>)
  func noise(seed: UInt64) {
    var generator = JSONFuzzGenerator(seed: seed)
    let alphabet = Array("{}[],:\"\\u0d8c19.eE+-truefalsn \n".utf8)
    for _ in 0..<800 {
      let bytes = (0..<Int.random(in: 0..<12, using: &generator.random)).map { _ in generator.pick(alphabet) }
      #expect(JSONComparison(bytes).failure == nil, "seed \(seed): \(bytes)")
    }
  }

  @Test("Each difference that is listed exists", arguments: JSONDifference.allCases)
  func differences(difference: JSONDifference) {
    let bytes = difference.example
    let ours = Result { () throws(JSONError) in try JSONValue(parsing: bytes) }
    let theirs = try? JSONDecoder().decode(FoundationValue.self, from: Data(bytes))
    #expect(((try? ours.get()) == nil) != (theirs == nil))
    #expect(difference.explains(bytes, ours))
  }

  @Test("All ways of going over a value agree on where it ends", arguments: 400..<404 as Range<UInt64>)
  func skipping(seed: UInt64) {
    var generator = JSONFuzzGenerator(seed: seed)
    for _ in 0..<600 {
      let document = Array(generator.document().utf8)
      let bytes = generator.chance(30) ? document : generator.mutated(document)
      let ends = [
        end(bytes) { cursor throws(JSONError) in _ = try cursor.readValue() },
        end(bytes) { cursor throws(JSONError) in try cursor.skip() },
        end(bytes) { cursor throws(JSONError) in _ = try cursor.readRaw() },
      ]
      #expect(ends[0] == ends[1] && ends[1] == ends[2], "seed \(seed): \(bytes)")
    }
  }

  private func end(_ bytes: [UInt8], _ read: (inout JSONCursor) throws(JSONError) -> Void) -> Int? {
    var cursor = JSONCursor(bytes.span)
    do {
      try read(&cursor)
      return cursor.position.byteOffset
    } catch {
      return nil
    }
  }
}
