/// One page of a list, as an API server answers it.
struct ObjectPage {
  /// The body of the answer.
  let bytes: [UInt8]

  /// - Parameters:
  ///   - kind: of the list, for example `DeploymentList`.
  ///   - range: the numbers of the objects on this page; its end is the token of the next page.
  ///   - count: how many objects there are on all pages.
  init(_ template: ObjectTemplate, kind: String, _ range: Range<Int>, of count: Int, series: String) {
    var metadata = #""resourceVersion":"9000000""#
    if range.upperBound < count {
      metadata += #","continue":"\#(range.upperBound)","remainingItemCount":\#(count - range.upperBound)"#
    }
    var bytes = Array(#"{"kind":"\#(kind)","metadata":{\#(metadata)},"items":["#.utf8)
    for number in range {
      if number > range.lowerBound { bytes.append(UInt8(ascii: ",")) }
      template.append(number, series: series, to: &bytes)
    }
    self.bytes = bytes + Array("]}".utf8)
  }
}
