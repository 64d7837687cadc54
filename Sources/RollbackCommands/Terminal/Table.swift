/// Rows under headings, as kubectl prints them: columns as wide as their widest cell, three spaces between them.
struct Table {
  private let headings: [String]
  private var rows: [[String]] = []
  /// The width of each column; it grows and never shrinks, so that rows that follow stay below their headings.
  private var widths: [Int]

  init(_ headings: [String]) {
    self.headings = headings
    widths = headings.map(\.count)
  }

  mutating func add(_ row: [String]) {
    rows.append(row)
    for (index, cell) in row.enumerated() where index < widths.count { widths[index] = max(widths[index], cell.count) }
  }

  /// Takes the rows out, as lines.
  mutating func takeLines(withHeadings: Bool, _ console: Console) -> [String] {
    defer { rows = [] }
    return (withHeadings ? [line(headings, console)] : []) + rows.map { line($0, console) }
  }

  private func line(_ cells: [String], _ console: Console) -> String {
    var text = ""
    for (index, cell) in cells.enumerated() {
      text += console.paint(cell, Console.Colour.of(cell))
      guard index < cells.count - 1 else { break }
      text += String(repeating: " ", count: max(0, widths[index] - cell.count) + 3)
    }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// Prints everything at once.
  static func print(_ headings: [String], _ rows: [[String]], to console: Console, indent: String = "") {
    var table = Table(headings)
    for row in rows { table.add(row) }
    for line in table.takeLines(withHeadings: true, console) { console.line(indent + line) }
  }
}
