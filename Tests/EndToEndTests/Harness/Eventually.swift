import Testing

/// What a condition that is waited for says now.
enum Progress: Sendable {
  case met
  /// Not yet, with what was seen instead.
  case unmet(String)

  /// - Parameter seen: what is told when the condition never becomes true.
  init(_ condition: Bool, _ seen: @autoclosure () -> String) {
    self = condition ? .met : .unmet(seen())
  }
}

/// Asks until the condition is met.
///
/// - Throws: after `limit`, an error that tells what was seen last; an error of `condition` at once.
func eventually(
  _ what: String, within limit: Duration = .seconds(90), every interval: Duration = .milliseconds(100),
  sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () async throws -> Progress
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  var last = "nothing"
  while true {
    switch try await condition() {
    case .met: return
    case .unmet(let seen): last = seen
    }
    guard clock.now < deadline else {
      let message = "not within \(limit): \(what). Last seen: \(last)"
      Issue.record(Comment(rawValue: message), sourceLocation: sourceLocation)
      throw HarnessError(message)
    }
    try await Task.sleep(for: interval)
  }
}

/// Asks until there is a value that fits.
///
/// - Parameters:
///   - read: `nil` when there is nothing yet.
func eventually<Value>(
  _ what: String, within limit: Duration = .seconds(90), every interval: Duration = .milliseconds(100),
  sourceLocation: SourceLocation = #_sourceLocation, read: () async throws -> Value?,
  where fits: (Value) -> Bool = { _ in true }
) async throws -> Value {
  var found: Value?
  try await eventually(what, within: limit, every: interval, sourceLocation: sourceLocation) {
    guard let value = try await read() else { return .unmet("nothing") }
    found = value
    return Progress(fits(value), "\(value)")
  }
  return try #require(found)
}
