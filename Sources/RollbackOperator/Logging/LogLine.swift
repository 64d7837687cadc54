import FoundationEssentials
import Logging

/// One log message with everything that belongs to it, and its two forms.
struct LogLine {
  var time: Date
  var level: Logger.Level
  var logger: String
  var message: String
  /// Flattened: a value inside another has the path of names as its name.
  var metadata: [(name: String, value: String)]

  /// Longer texts are cut, so that a line stays one line for whoever collects them.
  static let maximumLength = 8_192
  private static let ownNames: Set<String> = ["ts", "level", "logger", "msg"]

  /// `{"ts":"2026-11-20T21:31:48.123Z","level":"info","logger":"…","msg":"…","name":"value"}`
  var json: String {
    var text = "{\"ts\":\"\(timestamp)\",\"level\":\"\(level.rawValue)\",\"logger\":"
    Self.appendJSON(logger, to: &text)
    text += ",\"msg\":"
    Self.appendJSON(message, to: &text)
    for (name, value) in metadata {
      text += ","
      Self.appendJSON(Self.ownNames.contains(name) ? "metadata.\(name)" : name, to: &text)
      text += ":"
      Self.appendJSON(value, to: &text)
    }
    return text + "}\n"
  }

  /// `2026-11-20T21:31:48.123Z INFO     logger: message name=value other="two words"`
  var plain: String {
    let padding = String(repeating: " ", count: max(0, 8 - level.rawValue.count))
    var text = "\(timestamp) \(level.rawValue.uppercased())\(padding) \(logger): \(Self.visible(message))"
    for (name, value) in metadata {
      text += " \(Self.visible(name))="
      let isWord = !value.isEmpty && value.unicodeScalars.allSatisfy { $0 > " " && $0 != "\"" && $0 != "\u{7F}" }
      if isWord {
        text += Self.visible(value)
      } else {
        Self.appendJSON(value, to: &text)
      }
    }
    return text + "\n"
  }

  private var timestamp: String {
    // Whole milliseconds, so that the fraction is cut where it was rounded.
    let seconds = time.timeIntervalSince1970
    let rounded = Date(timeIntervalSince1970: (seconds * 1_000).rounded(.down) / 1_000 + 0.000_1)
    return rounded.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  /// A text on one line: control characters become escapes.
  private static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0 < " " || $0 == "\u{7F}" || $0 == "\u{2028}" }) else {
      return cut(text)
    }
    var quoted = ""
    appendJSON(text, to: &quoted)
    return String(quoted.dropFirst().dropLast())
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count > maximumLength ? String(decoding: text.utf8.prefix(maximumLength), as: UTF8.self) + "…" : text
  }

  private static func appendJSON(_ value: String, to text: inout String) {
    text += "\""
    for scalar in cut(value).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<" ", "\u{7F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
