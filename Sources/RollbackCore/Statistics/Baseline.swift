/// How far a reading may be above an earlier one, as people write it: `+50%` and `3x` by ratio, `+0.02`, `+200ms` and
/// `+5/min` by difference.
///
/// It is breached from above only, so that what lies at or below the reference (`-10%`, `0.5x`, `+0`) is refused: a
/// healthy reading would breach it.
public struct Baseline: Hashable, Sendable {
  /// As it was written.
  public let text: String
  let form: Form

  enum Form: Hashable, Sendable {
    /// So many times the reference; more than 1.
    case ratio(Double)
    /// So much more than the reference; more than 0.
    case difference(Measure)
  }

  /// Parses a limit against a baseline.
  public init(_ text: String) throws(BaselineError) {
    self.text = text
    guard let first = text.first, !"-".contains(first) else { throw BaselineError(.senseless, text) }
    if text.hasSuffix("x"), first != "+" {
      guard let factor = try? Measure(String(text.dropLast())), factor.unit == .none else {
        throw BaselineError(.unreadable, text)
      }
      guard factor.value > 1 else { throw BaselineError(.senseless, text) }
      form = .ratio(factor.value)
      return
    }
    guard first == "+", let measure = try? Measure(String(text.dropFirst())), text.dropFirst().first != "-" else {
      throw BaselineError(.unreadable, text)
    }
    guard measure.value > 0 else { throw BaselineError(.senseless, text) }
    form = measure.unit == .percent ? .ratio(1 + measure.value) : .difference(measure)
  }

  /// Whether a reading is above what the earlier one allows.
  public enum Verdict: Hashable, Sendable {
    case within
    case beyond
    /// Nothing can be said, with the reason.
    case undetermined(String)
  }

  /// Judges a reading against the earlier one, both in base units.
  ///
  /// No ratio can be had to a reference that is zero or negative; a difference can.
  public func breach(_ value: Double, reference: Double) -> Verdict {
    guard value.isFinite else { return .undetermined("the value is not a finite number") }
    guard reference.isFinite else { return .undetermined("the reference is not a finite number") }
    guard let limit = limit(for: reference) else {
      return .undetermined("the reference is not above zero, so that nothing is so many times as much")
    }
    return value > limit ? .beyond : .within
  }

  /// The greatest reading that is no breach; `nil` when the reference allows no such statement. May be infinite.
  public func limit(for reference: Double) -> Double? {
    guard reference.isFinite else { return nil }
    switch form {
    case .ratio(let factor): return reference > 0 ? reference * factor : nil
    case .difference(let measure): return reference + measure.value
    }
  }
}

/// Why a text is no limit against a baseline.
public struct BaselineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// For the program to branch on.
  public enum Code: Hashable, Sendable {
    case unreadable
    /// At or below the reference.
    case senseless
  }

  public let code: Code
  /// One sentence that says what to write.
  public let description: String

  init(_ code: Code, _ text: String) {
    self.code = code
    let shown = String(text.unicodeScalars.filter { (0x20..<0x7f).contains($0.value) }.prefix(40).map(Character.init))
    let reason =
      code == .senseless
      ? "is at or below the reference, so that a healthy reading would breach it" : "is no limit against a baseline"
    description = "\"\(shown)\" \(reason); write for example \"+50%\", \"3x\" or \"+0.02\""
  }
}

extension Baseline: CustomStringConvertible {
  public var description: String { text }
}

extension Baseline: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(BaselineError) {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
