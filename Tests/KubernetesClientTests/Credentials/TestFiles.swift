import FoundationEssentials
import KubernetesClient
import Synchronization

/// A directory that is gone with the test.
final class TestDirectory: Sendable {
  let path: String

  init() throws {
    path = "\(FileManager.default.temporaryDirectory.path)/rollback-operator-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file in one step and returns its path.
  @discardableResult
  func write(_ name: String, _ content: String, executable: Bool = false) throws -> String {
    let file = "\(path)/\(name)"
    if let slash = file.lastIndex(of: "/") {
      try FileManager.default.createDirectory(atPath: String(file[..<slash]), withIntermediateDirectories: true)
    }
    try Data(content.utf8).write(to: URL(filePath: file), options: .atomic)
    if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file) }
    return file
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
}

/// A clock that a test moves; waiting is real.
final class SteppedClock: RuntimeClock {
  private let offset = Mutex(Duration.zero)
  private let system = SystemClock()

  func advance(by step: Duration) { offset.withLock { $0 += step } }

  var wallTime: Date { system.wallTime + Double(offset.withLock { $0 }.components.seconds) }

  var monotonicTime: Duration { system.monotonicTime + offset.withLock { $0 } }

  func sleep(for duration: Duration) async throws(CancellationError) { try await system.sleep(for: duration) }

  func random(in range: ClosedRange<Double>) -> Double { range.lowerBound }
}
