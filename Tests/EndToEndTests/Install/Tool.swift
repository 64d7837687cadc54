import FoundationEssentials
import Subprocess

/// A program run to its end.
struct Tool: Sendable {
  let succeeded: Bool
  let output: String
  let error: String

  /// - Parameters:
  ///   - program: a path, or a name that is looked up in `PATH`.
  ///   - environment: added to this process's own.
  static func run(
    _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) async throws -> Tool {
    let settings = environment.map { "\($0.key)=\($0.value)" }
    let result = try await Subprocess.run(
      .name("env"), arguments: .init(settings + [program] + arguments), input: .string(input),
      output: .string(limit: 16 << 20), error: .string(limit: 1 << 20))
    return Tool(
      succeeded: result.terminationStatus.isSuccess, output: result.standardOutput, error: result.standardError)
  }

  /// Whether a program of this name is in `PATH`.
  static func isInstalled(_ name: String) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }

  static let checkout = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  /// The text of a file of the checkout; empty when there is none, so that a test sees it as missing content.
  static func text(_ path: String) -> String {
    FileManager.default.contents(atPath: "\(checkout)/\(path)").map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
