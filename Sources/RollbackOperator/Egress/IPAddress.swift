#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An IPv4 or IPv6 address, without port and zone.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// 4 or 16 bytes, the most significant first.
  public let bytes: [UInt8]

  public var isIPv4: Bool { bytes.count == 4 }

  /// - Returns: `nil` unless there are 4 or 16 bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.bytes = Array(bytes)
  }

  init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    bytes = [first, second, third, fourth]
  }

  /// Parses a dotted quad or the text of an IPv6 address, without brackets.
  ///
  /// - Returns: `nil` for anything else: the short, octal, decimal and hexadecimal forms of IPv4 that C libraries take
  ///   as well, addresses with a zone, names.
  public init?(_ text: String) {
    guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
    if text.utf8.contains(UInt8(ascii: ":")) {
      var raw = [UInt8](repeating: 0, count: 16)
      guard inet_pton(AF_INET6, text, &raw) == 1 else { return nil }
      bytes = raw
    } else {
      guard let quad = Self.quad(text) else { return nil }
      bytes = quad
    }
  }

  /// Four numbers from 0 to 255 without leading zeros, which some take for octal.
  private static func quad(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        part == "0" || part.first != "0", let byte = UInt8(part)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// The canonical text: a dotted quad, or IPv6 as RFC 5952 has it.
  public var description: String {
    guard !isIPv4 else { return bytes.map { "\($0)" }.joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    let zeros = Self.longestZeros(groups)
    func text(_ groups: ArraySlice<UInt16>) -> String {
      groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard let zeros else { return text(groups[...]) }
    return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
  }

  /// The first longest run of at least two groups that are zero.
  private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
    var longest: Range<Int>?
    var start = 0
    while start < groups.count {
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start >= 2, end - start > (longest?.count ?? 0) { longest = start..<end }
      start = max(end, start + 1)
    }
    return longest
  }

  /// Whether the first `length` bits are those of `prefix`.
  func begins(with prefix: [UInt8], bits length: Int) -> Bool {
    guard length <= bytes.count * 8, length <= prefix.count * 8 else { return false }
    let whole = length / 8
    guard bytes[..<whole] == prefix[..<whole] else { return false }
    let rest = length % 8
    guard rest > 0 else { return true }
    return (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0
  }
}
