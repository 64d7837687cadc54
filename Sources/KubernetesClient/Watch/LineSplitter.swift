/// Cuts a stream of pieces into lines. Only the byte 0x0A ends a line: Unicode's other line ends are data.
struct LineSplitter: Sendable {
  /// A line is longer than the cap.
  struct LineTooLong: Error {
    var limit: Int
  }

  private let maximumLength: Int
  private var pending: [UInt8] = []
  private var chunk: ArraySlice<UInt8> = []

  init(maximumLength: Int) {
    self.maximumLength = maximumLength
  }

  /// Bytes of a line whose end has not come.
  var leftover: Int { pending.count + chunk.count }

  mutating func append(_ bytes: ArraySlice<UInt8>) {
    if chunk.isEmpty { chunk = bytes } else { chunk += bytes }
  }

  /// The next whole line that is not empty, without its end; `nil` when more bytes are needed.
  mutating func next() throws(LineTooLong) -> [UInt8]? {
    while let end = chunk.firstIndex(of: UInt8(ascii: "\n")) {
      let rest = chunk[..<end]
      chunk = chunk[(end + 1)...]
      guard pending.count + rest.count <= maximumLength else { throw LineTooLong(limit: maximumLength) }
      if pending.isEmpty {
        if rest.isEmpty { continue }
        return Array(rest)
      }
      pending += rest
      defer { pending = [] }
      return pending
    }
    guard pending.count + chunk.count <= maximumLength else { throw LineTooLong(limit: maximumLength) }
    pending += chunk
    chunk = []
    return nil
  }
}
