import Simulation
import Testing

@Suite("Random numbers by seed")
struct SeededGeneratorTests {
  @Test("The same seed gives the same numbers, another one others")
  func sameSeed() {
    func numbers(_ seed: UInt64) -> [UInt64] {
      var generator = SeededGenerator(seed: seed)
      return (0..<10).map { _ in generator.next() }
    }
    #expect(numbers(1) == numbers(1))
    #expect(numbers(1) != numbers(2))
    // The reference values of the algorithm for seed 0.
    #expect(numbers(0).first == 0xE220_A839_7B1D_CDAF)
  }
}
