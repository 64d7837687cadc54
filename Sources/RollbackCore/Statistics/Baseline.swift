/// How far a reading may be from an earlier one, as people write it: `+50%` and `3x` by ratio, `+0.02`, `+200ms` and
/// `+5/min` by difference; downwards `-50%`, `0.5x`, `-0.02`.
///
/// It is breached from one side only, so that what lies at the reference or on its other side (`-10%`, `0.5x` and `+0`
/// of an upper limit) is refused: a healthy reading would breach it.
public struct Baseline: Hashable, Sendable {
  /// As it was written.
  public let text: String
  public let side: Side
  let form: Form

  /// Where a breach is.
  public enum Side: Hashable, Sendable {
    case above
    case below
  }

  enum Form: Hashable, Sendable {
    /// So many times the reference; more than 1, or between 0 and 1 below it.
    case ratio(Double)
    /// So much more than the reference, or less when negative; not 0.
    case difference(Measure)
  }

  /// Parses a limit against a baseline.
  public init(_ text: String, side: Side = .above) throws(BaselineError) {
    self.text = text
    self.side = side
    guard let first = text.first else { throw BaselineError(.unreadable, text, side) }
    let (own, other): (Character, Character) = side == .above ? ("+", "-") : ("-", "+")
    guard first != other else { throw BaselineError(.senseless, text, side) }
    if text.hasSuffix("x"), first != own {
      guard let factor = try? Measure(String(text.dropLast())), factor.unit == .none else {
        throw BaselineError(.unreadable, text, side)
      }
      guard side == .above ? factor.value > 1 : factor.value > 0 && factor.value < 1 else {
        throw BaselineError(.senseless, text, side)
      }
      form = .ratio(factor.value)
      return
    }
    guard first == own, text.dropFirst().first != "-",
      let measure = try? Measure(side == .above ? String(text.dropFirst()) : text)
    else { throw BaselineError(.unreadable, text, side) }
    guard side == .above ? measure.value > 0 : measure.value < 0 else { throw BaselineError(.senseless, text, side) }
    // Nothing is below nothing.
    guard measure.unit != .percent || measure.value > -1 else { throw BaselineError(.senseless, text, side) }
    form = measure.unit == .percent ? .ratio(1 + measure.value) : .difference(measure)
  }

  /// Whether a reading is beyond what the earlier one allows.
  public enum Verdict: Hashable, Sendable {
    case within
    case beyond
    /// Nothing can be said, with the reason.
    case undetermined(String)
  }

  /// Judges a reading against the earlier one, both in base units.
  ///
  /// No ratio can be had to a reference that is zero or negative; a difference can. A reading that has not moved to the
  /// side of the breach at all is within every limit.
  public func breach(_ value: Double, reference: Double) -> Verdict {
    guard value.isFinite else { return .undetermined("the value is not a finite number") }
    guard reference.isFinite else { return .undetermined("the reference is not a finite number") }
    guard side == .above ? value > reference : value < reference else { return .within }
    guard let limit = limit(for: reference) else {
      return .undetermined(
        "the reference is not above zero, so that nothing is so many times as much; write a difference instead")
    }
    return (side == .above ? value > limit : value < limit) ? .beyond : .within
  }

  /// The last reading that is no breach; `nil` when the reference allows no such statement. May be infinite.
  public func limit(for reference: Double) -> Double? {
    guard reference.isFinite else { return nil }
    switch form {
    case .ratio(let factor): return reference > 0 ? reference * factor : nil
    case .difference(let measure): return reference + measure.value
    }
  }

  /// What differences are written in; `nil` for ratios.
  public var measure: Measure? {
    if case .difference(let measure) = form { return measure }
    return nil
  }
}

/// Why a text is no limit against a baseline.
public struct BaselineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// For the program to branch on.
  public enum Code: Hashable, Sendable {
    case unreadable
    /// On the wrong side of the reference, or where no reading is.
    case senseless
  }

  public let code: Code
  /// One sentence that says what to write.
  public let description: String

  init(_ code: Code, _ text: String, _ side: Baseline.Side) {
    self.code = code
    let shown = String(text.unicodeScalars.filter { (0x20..<0x7f).contains($0.value) }.prefix(40).map(Character.init))
    let (place, examples) =
      side == .above
      ? ("at or below the reference", #""+50%", "3x" or "+0.02""#)
      : ("at or above the reference or below nothing", #""-50%", "0.5x" or "-0.02""#)
    let reason =
      code == .senseless
      ? "is \(place), so that it tells no bad reading from a healthy one" : "is no limit against a baseline"
    description = "\"\(shown)\" \(reason); write for example \(examples)"
  }
}

extension Baseline: CustomStringConvertible {
  public var description: String { text }
}
