import KubernetesClient
import Testing

@Suite("Quantities")
struct QuantityTests {
  @Test(
    "Every notation of Kubernetes is read exactly",
    arguments: [
      ("0", 0), ("1", 1_000_000_000), ("250m", 250_000_000), ("1500m", 1_500_000_000), ("0.5", 500_000_000),
      (".5", 500_000_000), ("5.", 5_000_000_000), ("+2", 2_000_000_000), ("-1", -1_000_000_000), ("12345n", 12_345),
      ("7u", 7_000), ("1k", 1_000_000_000_000), ("2M", 2_000_000_000_000_000), ("1e3", 1_000_000_000_000),
      ("1E3", 1_000_000_000_000), ("1E-3", 1_000_000), ("15e-10", 2), ("0.1n", 1), ("1e-300", 1), ("-0.1n", -1),
      ("1Ki", 1_024_000_000_000), ("480Mi", 503_316_480_000_000_000), ("1.5Gi", 1_610_612_736_000_000_000),
      ("0.1Ki", 102_400_000_000), ("1Ti", 1_099_511_627_776_000_000_000), ("1G", 1_000_000_000_000_000_000),
      ("1T", 1_000_000_000_000_000_000_000), ("7Ei", 8_070_450_532_247_928_832_000_000_000),
    ] as [(String, Int128)])
  func reading(text: String, nanos: Int128) throws {
    #expect(try #require(Quantity(text)).nanos == nanos)
  }

  @Test(
    "What is none is refused",
    arguments: [
      "", ".", "m", "Mi", "1.2.3", "1 ", " 1", "1kb", "1KiB", "1mi", "--1", "1e", "1e+", "1e1234", "1e1.5", "١", "0x10",
      "1,5", "NaN", "Inf", "8Ei", "1e40", "9999999999999999999999999999", "1ee3",
    ])
  func refusals(text: String) {
    #expect(Quantity(text) == nil)
  }

  @Test("They are ordered by what they mean")
  func order() throws {
    let quantities = try ["1Mi", "1M", "999k", "1000001"].map { try #require(Quantity($0)) }
    #expect(quantities.sorted() == [quantities[2], quantities[1], quantities[3], quantities[0]])
    #expect(quantities[0].value == 1_048_576)
  }
}
