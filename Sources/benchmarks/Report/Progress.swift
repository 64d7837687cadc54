import Glibc

/// Messages about the progress; standard output is kept for the table.
enum Progress {
  static func say(_ message: String) {
    let bytes = Array("\(message)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
