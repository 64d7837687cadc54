import ArgumentParser
import RollbackCommands

/// `kubectl rollback`: parses its arguments and turns every end into a status and a readable line.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubectl-rollback",
    abstract: "Sees, explains and commands what the rollback operator does.",
    discussion: """
      Works through the API server only, with your own kubeconfig and your own rights. Deployments are written \
      deploy/NAME, policies policy/NAME, events event/NAME; a bare name is what the command is mostly about. \
      Exit status: 0 done, 1 error, 2 refused or not healthy.
      """,
    subcommands: [
      GetCommand.self, HistoryCommand.self, ExplainCommand.self, UndoCommand.self, ApproveCommand.self,
      RejectCommand.self, HoldCommand.self, ReleaseCommand.self, ForgiveCommand.self, FreezeCommand.self,
      LintCommand.self, CompletionCommand.self, VersionCommand.self,
    ])

  /// Runs the command that `arguments` name, to the end.
  static func run(_ arguments: [String], environment: [String: String]) async -> CommandStatus {
    let console = StandardConsole.make(environment: environment)
    do {
      let names = configuration.subcommands.compactMap { $0.configuration.commandName }
      let command = try parseAsRoot(ArgumentOrder.subcommandFirst(arguments, names: names))
      if let verb = command as? any VerbCommand {
        return try await verb.run(environment: environment, console: console)
      }
      if var other = command as? any AsyncParsableCommand {
        try await other.run()
      } else {
        var other = command
        try other.run()
      }
      return .done
    } catch let failure as CommandFailure {
      console.remark("\(console.isColoured ? "\u{1B}[31merror:\u{1B}[0m" : "error:") \(failure)")
      return failure.status
    } catch {
      guard exitCode(for: error) != .success else {
        console.line(asTyped(fullMessage(for: error)))
        return .done
      }
      console.remark(asTyped(fullMessage(for: error)))
      return .error
    }
  }

  /// The program's name is that of its file; what a person types has a space.
  private static func asTyped(_ text: String) -> String {
    text.replacing("kubectl-rollback", with: "kubectl rollback")
  }
}

/// A command that this program runs with a console of its own.
protocol VerbCommand: AsyncParsableCommand {
  func run(environment: [String: String], console: Console) async throws -> CommandStatus
}

/// A command that talks to the API server.
protocol SessionCommand: VerbCommand {
  var options: SessionOptions { get }
  func run(_ session: Session) async throws -> CommandStatus
}

extension SessionCommand {
  func run(environment: [String: String], console: Console) async throws -> CommandStatus {
    try await Connection(
      kubeconfig: options.kubeconfig, context: options.context, user: options.impersonatedUser,
      groups: options.impersonatedGroups
    ).run(
      environment: environment, namespace: options.namespace, isAllNamespaces: options.allNamespaces,
      operatorNamespace: options.operatorNamespace, console: console, format: options.output ?? .table
    ) { session in try await self.run(session) }
  }
}

extension OutputFormat: ExpressibleByArgument {
  /// What `-o` takes; without it there is a table.
  public static var allValueStrings: [String] { ["json", "yaml", "name", "wide"] }
}

extension ObjectReference {
  /// The reference that an argument is.
  static func argument(_ text: String) throws -> ObjectReference { try ObjectReference(text) }
}

/// The flags of kubectl that every command takes.
struct SessionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The kubeconfig to use; otherwise $KUBECONFIG or ~/.kube/config.", valueName: "file"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The context of the kubeconfig to use.", valueName: "name"))
  var context: String?

  @Option(name: [.customShort("n"), .long], help: "The namespace; otherwise that of the context.")
  var namespace: String?

  @Flag(name: [.customShort("A"), .long], help: "All namespaces, where a list is shown.")
  var allNamespaces = false

  @Option(name: [.customShort("o"), .long], help: "How to print.")
  var output: OutputFormat?

  @Option(name: .customLong("as"), help: ArgumentHelp("Act as this user, if you may.", valueName: "user"))
  var impersonatedUser: String?

  @Option(
    name: .customLong("as-group"),
    help: ArgumentHelp("Act as a member of this group; may be given several times.", valueName: "group"))
  var impersonatedGroups: [String] = []

  @Option(help: ArgumentHelp("Where the operator runs.", valueName: "namespace"))
  var operatorNamespace = Session.usualOperatorNamespace
}
