extension Substring {
  /// Whether this is a number as policies write it: up to so many digits and, after a point, one to three more. No
  /// sign, no exponent, no digits of other scripts. The schema of the kinds says the same.
  func isPlainDecimal(wholeDigits most: Int) -> Bool {
    let parts = split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first, parts.count <= 2, whole.isDigits(1...most) else { return false }
    return parts.count == 1 || parts[1].isDigits(1...3)
  }

  private func isDigits(_ count: ClosedRange<Int>) -> Bool {
    count.contains(utf8.count) && utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
