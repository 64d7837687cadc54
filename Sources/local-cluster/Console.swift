import Glibc

/// Messages for a person; standard output is kept for what shells read.
enum Console {
  static func say(_ message: String) {
    let bytes = Array("\(message)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
