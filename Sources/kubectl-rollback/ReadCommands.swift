import ArgumentParser
import RollbackCommands

/// `kubectl rollback get`
struct GetCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Shows policies, events, or one of them or of the Deployments in full.",
    discussion: """
      kubectl rollback get                 all policies and what each is doing
      kubectl rollback get events -w       rollbacks as they happen
      kubectl rollback get web             one policy: conditions, triggers with their values, last events
      kubectl rollback get deploy/web      the same for one Deployment
      """)

  @Argument(help: "policies, events, POLICY, deploy/NAME or event/NAME.")
  var subject: String?

  @Flag(name: [.customShort("w"), .long], help: "Print rows as they change, until interrupted.")
  var watch = false

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus {
    try await GetVerb(subject: subject, watches: watch).run(session)
  }
}

/// `kubectl rollback history`
struct HistoryCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Shows the revisions of a Deployment, what is known of each, and where an undo would go.")

  @Argument(help: "deploy/NAME", transform: ObjectReference.argument)
  var target: ObjectReference

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus { try await HistoryVerb(target).run(session) }
}

/// `kubectl rollback explain`
struct ExplainCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Says why the operator acted, or did not, with values.",
    discussion: """
      Of an event it tells the story in order of time; of a Deployment what each trigger says now, and what would \
      happen if it were breached now.
      """)

  @Argument(help: "EVENT, deploy/NAME or POLICY", transform: ObjectReference.argument)
  var subject: ObjectReference

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus { try await ExplainVerb(subject).run(session) }
}

/// `kubectl rollback version`
struct VersionCommand: VerbCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

  func run(environment: [String: String], console: Console) async throws -> CommandStatus {
    console.line(Product.version)
    return .done
  }
}

/// `kubectl rollback completion`
struct CompletionCommand: VerbCommand {
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash
    case zsh
    case fish
  }

  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Prints a script by which a shell completes this command.",
    discussion: "For example: source <(kubectl-rollback completion bash)")

  @Argument(help: "The shell.")
  var shell: Shell

  func run(environment: [String: String], console: Console) async throws -> CommandStatus {
    console.line(RollbackCommand.completionScript(for: CompletionShell(rawValue: shell.rawValue) ?? .bash))
    return .done
  }
}
