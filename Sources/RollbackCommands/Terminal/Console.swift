/// Where a command writes: results to one side, remarks about them to the other.
package struct Console: Sendable {
  /// Colours that carry no meaning of their own: the words beside them say the same.
  package enum Colour: String, Sendable {
    case green = "32"
    case yellow = "33"
    case red = "31"
    case bold = "1"
    case dim = "2"
  }

  /// Writes text as it is to standard output.
  package let write: @Sendable (String) -> Void
  /// Writes one line to standard error.
  package let remark: @Sendable (String) -> Void
  /// Only on a terminal whose user has not set `NO_COLOR`.
  package let isColoured: Bool

  package init(
    isColoured: Bool, write: @escaping @Sendable (String) -> Void, remark: @escaping @Sendable (String) -> Void
  ) {
    self.isColoured = isColoured
    self.write = write
    self.remark = remark
  }

  /// Writes one line of the result.
  package func line(_ text: String = "") { write("\(text)\n") }

  /// `text` in a colour, where there is one.
  package func paint(_ text: String, _ colour: Colour?) -> String {
    guard isColoured, let colour, !text.isEmpty else { return text }
    return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
  }

  /// A heading of a part of the result.
  func heading(_ text: String) { line(paint(text, .bold)) }
}

extension Console.Colour {
  /// The colour of a word that the operator writes into a status.
  static func of(_ word: String) -> Console.Colour? {
    switch word {
    case "Good", "Recovered", "Healthy", "Watching", "Done", "Approved": .green
    case "Bad", "Failed", "NotRecovered", "Breached", "Invalid", "Error", "Contested", "Rejected": .red
    case "Held", "Breaching", "RollingBack", "Verifying", "OnTrial", "NoData", "Expired", "Suspended", "Running",
      "Pending":
      .yellow
    default: nil
    }
  }
}
