/// A PromQL query of a policy with placeholders such as `{{namespace}}`.
///
/// No value changes what the query is: it has the same tokens whatever is put in, and the tokens outside of strings
/// are the same but for a number or a duration.
///
/// A placeholder may stand
/// * in a string literal (`"…"`, `'…'`, `` `…` ``), where its value is escaped for that literal. In a backquoted one,
///   which knows no escapes, a value with a backquote or a control character is refused;
/// * in the string of a regular expression (a matcher with `=~` or `!~`, the last argument of `label_replace`), where
///   its value is matched literally. It must stand where a character may: not in a class, a repetition, a group's head,
///   `\Q…\E` or an escape. In the replacement of `label_replace` a `$` of the value stands for itself;
/// * outside of strings only if it is a number or a duration (`{{revision}}`, `{{goodRevision}}`, `{{interval}}`), as a
///   token of its own and not among matchers; between brackets only `{{interval}}`.
///
/// Everywhere else, comments included, it is refused. Only double braces make a placeholder, so that those of selectors
/// stay as they are; in a string that needs two braces one is written `\x7b`. A query that PromQL itself refuses is
/// not noticed here, except for strings that do not end and unknown escapes.
public struct PromQLTemplate: Hashable, Sendable {
  /// The longest query, in bytes of UTF-8.
  public static let longestText = 16_384

  /// As it was written.
  public let text: String
  let pieces: [PromQLPiece]

  /// Reads a query and checks the place of every placeholder.
  public init(_ text: String) throws(PromQLTemplateError) {
    self.text = text
    pieces = try PromQLScanner.pieces(of: text)
  }

  /// The placeholders that occur.
  public var placeholders: Set<PromQLPlaceholder> {
    Set(
      pieces.compactMap { piece in
        if case .value(let placeholder, _) = piece { placeholder } else { nil }
      })
  }

  /// The query with every value in its place.
  ///
  /// Throws if one is missing, empty or too long, or cannot be written where it is wanted.
  public func render(_ values: PromQLValues) throws(PromQLTemplateError) -> String {
    var query = ""
    for piece in pieces {
      switch piece {
      case .text(let text): query += text
      case .value(let placeholder, let place): query += try place.write(try values.text(of: placeholder), placeholder)
      }
    }
    return query
  }
}

/// A part of a template.
enum PromQLPiece: Hashable, Sendable {
  case text(String)
  case value(PromQLPlaceholder, PromQLPlace)
}

/// Where a value is put, which decides how it is written.
enum PromQLPlace: Hashable, Sendable {
  /// Outside of strings.
  case bare
  case string(quote: UInt8, meaning: Meaning)

  /// How the text of a string is understood.
  enum Meaning: Hashable, Sendable {
    case plain
    /// - Parameter isQuantified: what follows says how often the value may occur.
    case regex(isQuantified: Bool)
    /// The replacement of `label_replace`, where `$1` is a group.
    case replacement
  }

  func write(_ value: String, _ placeholder: PromQLPlaceholder) throws(PromQLTemplateError) -> String {
    guard case .string(let quote, let meaning) = self else { return value }
    let text =
      switch meaning {
      case .plain: value
      case .regex(isQuantified: false): PromQLEscape.regexLiteral(value)
      // Without the group only the last character of the value would be repeated.
      case .regex(isQuantified: true): "(?:\(PromQLEscape.regexLiteral(value)))"
      case .replacement: PromQLEscape.doubled("$", in: value)
      }
    guard quote == UInt8(ascii: "`") else { return PromQLEscape.stringContent(text) }
    guard PromQLEscape.isRaw(text) else {
      throw .unsuitable(placeholder, "has a character that has no place between backquotes")
    }
    return text
  }
}
