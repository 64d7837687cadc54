import RollbackOperator

@testable import KubernetesClient

/// Any bytes as the stream of a watch.
enum WatchProperties {
  private static let longestLine = 4_096

  static func check(_ bytes: [UInt8]) throws(Violation) {
    let lines = try split(bytes, pieces: [bytes.count])
    let first = Int(bytes.first ?? 1)
    try require(try split(bytes, pieces: [1]) == lines, "the lines depend on the pieces they come in")
    try require(try split(bytes, pieces: [first, 7, 0, 64]) == lines, "the lines depend on the pieces they come in")
    let expected = bytes.split(separator: 0x0a).map(Array.init)
    try require(lines.starts(with: expected.dropLast().prefix { $0.count <= longestLine }), "the lines are others")
    for line in lines {
      try check(Deployment.self, line)
      try check(Pod.self, line)
      try check(ReplicaSetMetadata.self, line)
      try check(PolicyObject.self, line)
      try check(EventObject.self, line)
    }
  }

  private static func split(_ bytes: [UInt8], pieces: [Int]) throws(Violation) -> [[UInt8]] {
    var splitter = LineSplitter(maximumLength: longestLine)
    var lines: [[UInt8]] = []
    var start = 0
    var turn = 0
    while start < bytes.count {
      let end = min(bytes.count, start + max(pieces[turn % pieces.count], turn % 2))
      splitter.append(bytes[start..<end])
      start = end
      turn += 1
      do {
        while let line = try splitter.next() { lines.append(line) }
      } catch {
        return lines
      }
      try require(splitter.leftover <= longestLine, "\(splitter.leftover) bytes are kept")
    }
    return lines
  }

  /// One bad object never ends a watch: whatever stands in `object`, the line is an event.
  private static func check<Object: KubernetesObject>(_ type: Object.Type, _ line: [UInt8]) throws(Violation) {
    switch Result(catching: { () throws(JSONError) in try WatchLine<Object>.decode(line) }) {
    case .success(.added(let item)), .success(.modified(let item)), .success(.deleted(let item)):
      if case .undecodable(let broken) = item { try ListProperties.check(broken) }
      _ = ResourceVersions.isOlder(item.metadata.resourceVersion, than: "4711")
    case .success(.bookmark(let version, _)):
      try require(!version.isEmpty, "a bookmark without a version")
      try require(!ResourceVersions.isOlder(version, than: version), "\(version) is older than itself")
    case .success(.error(let status)):
      try AnswerProperties.check(KubernetesError(status: status, request: "WATCH pods"))
    case .failure(let error):
      try Text.requireOneLine(KubernetesError(decoding: error, request: "", changesState: false).reason, longest: 2_100)
      guard let tree = try? JSONValue(parsing: line), let kind = tree["type"]?.string else { return }
      let isChange = ["ADDED", "MODIFIED", "DELETED"].contains(kind) && tree["object"] != nil
      try require(!isChange || JSONTwins.exist(in: line, tree), "a change of an object is refused: \(error)")
    }
  }
}
