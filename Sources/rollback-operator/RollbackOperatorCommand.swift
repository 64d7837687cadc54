import ArgumentParser
import RollbackOperator

/// `rollback-operator`: parses its arguments and turns every end of the process into a status and a readable line.
struct RollbackOperatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback-operator",
    abstract: "Returns a Deployment to its last good revision when a new one is breaking.",
    discussion: "`rollback-operator run --help` lists every flag with its default.",
    subcommands: [RunCommand.self, VersionCommand.self])

  /// Runs the command that `arguments` name, to the end.
  static func run(_ arguments: [String], environment: [String: String]) async -> ExitStatus {
    do {
      var command = try parseAsRoot(arguments)
      if let run = command as? RunCommand {
        return await run.run(environment: environment)
      } else if var other = command as? any AsyncParsableCommand {
        try await other.run()
      } else {
        try command.run()
      }
      return .success
    } catch {
      guard exitCode(for: error) != .success else {
        print(fullMessage(for: error))
        return .success
      }
      complain("\(message(for: error)); `rollback-operator run --help` lists every flag")
      return .unusableConfiguration
    }
  }

  /// Writes `text` to standard error, each of its lines with the program's name in front.
  static func complain(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      LogOutput.standardError.writeLine("rollback-operator: \(line)\n")
    }
  }
}

/// `rollback-operator version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Prints the version.")

  func run() {
    print("rollback-operator \(OperatorVersion.current)")
  }
}
