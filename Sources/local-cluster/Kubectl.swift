import ArgumentParser
import Subprocess
import SystemPackage

/// kubectl against one cluster. Every call has a time limit of its own.
struct Kubectl: Sendable {
  var path: String
  var kubeconfig: String

  /// Runs a command and returns what it printed.
  ///
  /// - Throws: with what it complained about, when it fails.
  func output(_ arguments: String..., input: String = "") async throws -> String {
    try await run(arguments, input: input)
  }

  /// Runs a command and shows nothing of it.
  func quiet(_ arguments: String..., input: String = "") async throws {
    _ = try await run(arguments, input: input)
  }

  /// Shows a command as a person would type it, and what it prints.
  func show(_ arguments: String..., input: String = "") async throws {
    let typed = arguments.map { $0.contains(where: { " {}\"".contains($0) }) ? "'\($0)'" : $0 }.joined(separator: " ")
    Console.say("\n$ kubectl \(typed)")
    let printed = try await run(arguments, input: input)
    Console.say(printed.hasSuffix("\n") ? String(printed.dropLast()) : printed)
  }

  private func run(_ arguments: [String], input: String) async throws -> String {
    let executable: Executable = path.contains("/") ? .path(FilePath(path)) : .name(path)
    let result = try await Subprocess.run(
      executable, arguments: Arguments(["--kubeconfig", kubeconfig, "--request-timeout=60s"] + arguments),
      input: .string(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else {
      throw ValidationError("kubectl \(arguments.joined(separator: " ")): \(result.standardError)")
    }
    return result.standardOutput
  }
}
