extension JSONError {
  /// The same error with the path of the member it is in.
  ///
  /// The path is found by reading the text again, so that reading without errors does not pay for it.
  func located(in bytes: Span<UInt8>, startingAt base: Int = 0) -> JSONError {
    guard path.isEmpty else { return self }
    var cursor = JSONCursor(bytes)
    var path: [String] = []
    // An error on the way is the one that is looked for, or one before it: the path so far is right.
    try? cursor.descend(to: offset - base, path: &path)
    let text = OneLine.text(path.joined(separator: "."), limit: OneLine.shortLimit)
    return JSONError(offset: offset, reason: reason, path: text)
  }
}

extension JSONCursor {
  /// Steps into the containers around an offset, noting keys and indices.
  fileprivate mutating func descend(to target: Int, path: inout [String]) throws(JSONError) {
    while true {
      switch try peekKind() {
      case .object:
        try beginObject()
        guard try descendIntoMember(target, &path) else { return }
      case .array:
        try beginArray()
        guard try descendIntoElement(target, &path) else { return }
      default:
        return
      }
    }
  }

  private mutating func descendIntoMember(_ target: Int, _ path: inout [String]) throws(JSONError) -> Bool {
    while let key = try nextMember() {
      let name = key.string
      path.append(name)
      guard try isBeforeEnd(target) else { return true }
      path.removeLast()
      if offset > target { return false }
    }
    return false
  }

  private mutating func descendIntoElement(_ target: Int, _ path: inout [String]) throws(JSONError) -> Bool {
    var index = 0
    while try nextElement() {
      path.append(String(index))
      guard try isBeforeEnd(target) else { return true }
      path.removeLast()
      if offset > target { return false }
      index &+= 1
    }
    return false
  }

  /// Goes over the next value, unless the target is inside it.
  ///
  /// - Returns: `false`, with the cursor before the value, if the target is inside.
  private mutating func isBeforeEnd(_ target: Int) throws(JSONError) -> Bool {
    let start = position
    try skipBalanced()
    guard offset > target else { return true }
    position = start
    return false
  }
}
