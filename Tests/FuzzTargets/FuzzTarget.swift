/// One reader of foreign bytes with what must hold for any input.
///
/// The same function is run by libFuzzer (`make fuzz`) and, over the corpus and changed copies of it, by the tests. A
/// trap or a hang is a failure as well, which is why the functions return nothing.
public struct FuzzTarget: Sendable {
  /// Also the name of the corpus folder.
  public let name: String
  /// Throws if something does not hold for these bytes.
  public let check: @Sendable ([UInt8]) throws(Violation) -> Void

  init(_ name: String, _ check: @escaping @Sendable ([UInt8]) throws(Violation) -> Void) {
    self.name = name
    self.check = check
  }

  /// Every target.
  public static let all: [FuzzTarget] = [
    FuzzTarget("json", JSONProperties.check),
    FuzzTarget("cursor", CursorProperties.check),
    FuzzTarget("objects", ObjectProperties.check),
    FuzzTarget("watch", WatchProperties.check),
    FuzzTarget("lists", ListProperties.check),
    FuzzTarget("templates", TemplateProperties.check),
    FuzzTarget("decisions", DecisionProperties.check),
    FuzzTarget("answers", AnswerProperties.check),
    FuzzTarget("queries", QueryProperties.check),
    FuzzTarget("prometheus", PrometheusProperties.check),
    FuzzTarget("pointers", PointerProperties.check),
    FuzzTarget("durations", DurationProperties.check),
    FuzzTarget("timestamps", TimestampProperties.check),
    FuzzTarget("addresses", AddressProperties.check),
    FuzzTarget("kubeconfig", KubeconfigProperties.check),
    FuzzTarget("configuration", ConfigurationProperties.check),
    FuzzTarget("certificates", CertificateProperties.check),
    FuzzTarget("credentials", CredentialProperties.check),
  ]

  /// The target of a name.
  public static func named(_ name: String) -> FuzzTarget? {
    all.first { $0.name == name }
  }
}

/// What does not hold, as a sentence.
public struct Violation: Error, CustomStringConvertible {
  /// Says what is wrong with which value.
  public let description: String
}

/// Throws a ``Violation`` unless the condition holds.
func require(_ condition: Bool, _ complaint: @autoclosure () -> String) throws(Violation) {
  guard condition else { throw Violation(description: complaint()) }
}

/// Rules for texts that end up in logs, statuses and events.
enum Text {
  /// A control character could forge a line of a log.
  static func requireOneLine(_ text: String, longest: Int) throws(Violation) {
    let control = text.unicodeScalars.first { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }
    try require(control == nil, "a control character (\(control?.value ?? 0)) in: \(text)")
    try require(text.unicodeScalars.count <= longest, "\(text.unicodeScalars.count) characters: \(text.prefix(200))")
  }

  /// - Parameter length: the shortest piece that counts, in bytes.
  static func requireNoEcho(of secret: some Collection<UInt8>, in text: String, length: Int) throws(Violation) {
    let secret = Array(secret)
    let said = Array(text.utf8)
    guard secret.count >= length, said.count >= length else { return }
    var pieces: Set<ArraySlice<UInt8>> = []
    for start in 0...said.count - length { pieces.insert(said[start..<start + length]) }
    for start in 0...secret.count - length {
      let piece = secret[start..<start + length]
      try require(!pieces.contains(piece), "\"\(String(decoding: piece, as: UTF8.self))\" is repeated in: \(text)")
    }
  }
}
