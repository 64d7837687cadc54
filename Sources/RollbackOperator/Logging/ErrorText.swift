/// Errors as people read them.
public enum ErrorText {
  static let maximumLength = 2_000

  /// `error` on one line, without the look of a Swift value.
  public static func oneLine(_ error: any Error) -> String {
    let text = described(error) ?? "unexpected error \(type(of: error)) (\(error))"
    let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
    let line = lines.joined(separator: "; ")
    return line.count > maximumLength ? line.prefix(maximumLength) + "…" : line
  }

  /// Its own words; `nil` when the type has none and Swift would print its fields.
  private static func described(_ error: Any) -> String? {
    (error as? any CustomStringConvertible)?.description
  }
}
