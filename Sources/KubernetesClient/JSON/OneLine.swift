/// Text that came from elsewhere, made fit for a message.
enum OneLine {
  /// The longest path of a member, or word about a value, that an error repeats, in characters.
  static let shortLimit = 256

  /// Bounded, and on one line without control characters, so that a message can never forge a line of a log.
  static func text(_ text: String, limit: Int) -> String {
    var scalars = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < limit else {
        scalars.append("…")
        break
      }
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      scalars.append(isControl ? " " : scalar)
      count += 1
    }
    return String(scalars)
  }
}
