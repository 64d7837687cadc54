/// Why a query of a policy cannot be used, or not now.
public struct PromQLTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public enum Code: Hashable, Sendable {
    /// A name between double braces that means nothing.
    case unknownPlaceholder
    /// A placeholder where no value can be put without changing what the query is.
    case misplacedPlaceholder
    /// A string that does not end, an escape that PromQL does not know.
    case malformed
    case tooLong
    /// There is no value for it at this moment.
    case missingValue(PromQLPlaceholder)
    /// The value cannot be written at its place.
    case unsuitableValue(PromQLPlaceholder)
  }

  /// For the program to branch on.
  public let code: Code
  /// One sentence for people, on one line; of the query it repeats no more than the name of an unknown placeholder.
  public let description: String

  private init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  static func unknown(_ name: String, at position: Int) -> Self {
    let known = PromQLPlaceholder.allCases.map(\.description).joined(separator: " ")
    let shown = String(name.unicodeScalars.filter { (0x20..<0x7f).contains($0.value) }.prefix(40).map(Character.init))
    return Self(
      .unknownPlaceholder, "{{\(shown)}} at character \(position) is no placeholder; the known ones are \(known)")
  }

  static func misplaced(_ placeholder: PromQLPlaceholder, at position: Int, _ reason: String) -> Self {
    Self(.misplacedPlaceholder, "\(placeholder) at character \(position) \(reason)")
  }

  static func malformed(_ what: String, at position: Int, _ remedy: String) -> Self {
    Self(.malformed, "\(what) at character \(position) \(remedy)")
  }

  static var empty: Self { Self(.malformed, "the query is empty; write a PromQL expression") }

  static var tooLong: Self {
    Self(.tooLong, "the query has more than \(PromQLTemplate.longestText) bytes; use a recording rule")
  }

  static func missing(_ placeholder: PromQLPlaceholder) -> Self {
    let isGood = placeholder == .goodHash || placeholder == .goodRevision
    let reason = isGood ? "there is no good revision of this target yet" : "it is not known at this moment"
    return Self(.missingValue(placeholder), "\(placeholder) has no value: \(reason)")
  }

  static func unsuitable(_ placeholder: PromQLPlaceholder, _ reason: String) -> Self {
    Self(.unsuitableValue(placeholder), "the value of \(placeholder) \(reason), which cannot be put into a query")
  }
}
