extension JSONCursor {
  /// Reads an array of elements of one type, or `null` as empty.
  public mutating func readList<Element>(
    _ read: (inout JSONCursor) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    guard try beginArrayIfPresent() else { return [] }
    var elements: [Element] = []
    while try nextElement() { elements.append(try read(&self)) }
    return elements
  }
}
