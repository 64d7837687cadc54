/// How many aliases a YAML text may use.
///
/// What aliases stand for is expanded when keys are compared and goes as deep as they are chained, so that ten lines
/// of them can keep a parser busy for hours. They are counted before it sees the text.
public enum YAMLAliases {
  /// More than any configuration written by hand has.
  public static let most = 16

  /// Whether there are too many. Everything that could be an alias counts, also in comments and quotes.
  public static func areTooMany(in text: [UInt8]) -> Bool {
    var count = 0
    for (byte, next) in zip(text, text.dropFirst()) where byte == UInt8(ascii: "*") && next > 0x20 {
      count += 1
      if count > most { return true }
    }
    return false
  }
}
