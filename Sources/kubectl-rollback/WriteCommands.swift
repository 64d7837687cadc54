import ArgumentParser
import RollbackCommands

/// `kubectl rollback undo`
struct UndoCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Asks the operator to return a Deployment to an earlier revision.",
    discussion: """
      Makes a RollbackEvent and prints its name. Without --to-revision the Deployment returns to its last good \
      revision; `kubectl rollback history deploy/NAME` shows which that is.
      """)

  @Argument(help: "deploy/NAME", transform: ObjectReference.argument)
  var target: ObjectReference

  @Option(help: "Why; others will read it.")
  var reason: String

  @Option(help: ArgumentHelp("The revision to return to, by its number in `history`.", valueName: "number"))
  var toRevision: Int64?

  @Option(help: ArgumentHelp("The policy to go by, when several protect the Deployment.", valueName: "name"))
  var policy: String?

  @Flag(help: "Tell how it goes and wait for its end: status 0 when it recovered, 2 otherwise.")
  var wait = false

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus {
    try await UndoVerb(target, reason: reason, revision: toRevision, policy: policy, waits: wait).run(session)
  }
}

/// `kubectl rollback approve`
struct ApproveCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Lets a rollback that waits for a decision go on. Can be done once.")

  @Argument(help: "EVENT", transform: ObjectReference.argument)
  var event: ObjectReference

  @Option(help: "Why; others will read it.")
  var reason: String

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus {
    try await DecideVerb(event, .approved, reason: reason).run(session)
  }
}

/// `kubectl rollback reject`
struct RejectCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Ends a rollback that waits for a decision. Can be done once.")

  @Argument(help: "EVENT", transform: ObjectReference.argument)
  var event: ObjectReference

  @Option(help: "Why; others will read it.")
  var reason: String

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus {
    try await DecideVerb(event, .rejected, reason: reason).run(session)
  }
}

/// `kubectl rollback hold`
struct HoldCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Holds every automatic rollback of a Deployment, or of a policy's Deployments.",
    discussion: "What is breached meanwhile is written down and told. Rollbacks by hand go on.")

  @Argument(help: "POLICY or deploy/NAME", transform: ObjectReference.argument)
  var subject: ObjectReference

  @Option(help: "Why; the operator repeats it whenever it holds something.")
  var reason: String

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus {
    try await HoldVerb(subject, reason: reason).run(session)
  }
}

/// `kubectl rollback release`
struct ReleaseCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Ends a hold, or lets one event that is held go on.",
    discussion: "To release an event is to approve it, and needs a reason.")

  @Argument(help: "POLICY, deploy/NAME or EVENT", transform: ObjectReference.argument)
  var subject: ObjectReference

  @Option(help: "Why; needed for an event.")
  var reason: String?

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus {
    try await ReleaseVerb(subject, reason: reason).run(session)
  }
}

/// `kubectl rollback forgive`
struct ForgiveCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "forgive", abstract: "Lets a revision that was rolled back be tried and returned to again.",
    discussion: "Without --to-revision and --hash it is the only Bad one; when there are several, they are listed.")

  @Argument(help: "deploy/NAME", transform: ObjectReference.argument)
  var target: ObjectReference

  @Option(help: ArgumentHelp("The revision, by its number in `history`.", valueName: "number"))
  var toRevision: Int64?

  @Option(help: ArgumentHelp("The revision, by its template hash in `history`.", valueName: "hash"))
  var hash: String?

  @Option(help: "Why; others will read it.")
  var reason: String

  @OptionGroup var options: SessionOptions

  func run(_ session: Session) async throws -> CommandStatus {
    try await ForgiveVerb(target, revision: toRevision, hash: hash, reason: reason).run(session)
  }
}

/// `kubectl rollback freeze`
struct FreezeCommand: SessionCommand {
  enum Switch: String, ExpressibleByArgument, CaseIterable {
    case on
    case off
  }

  static let configuration = CommandConfiguration(
    commandName: "freeze",
    abstract: "Holds all changes of the operator in the whole cluster, or shows whether they are held.",
    discussion: """
      The freeze is ConfigMap rollback-operator-freeze in the operator's namespace. Running rollbacks stop at their next \
      step; what is breached meanwhile is written down and told.
      """)

  @Argument(help: "on or off; nothing to show it.")
  var state: Switch?

  @Option(help: ArgumentHelp("When it ends: 2026-01-31T18:00:00Z, or a duration as 90m or 3d.", valueName: "time"))
  var until: String?

  @Option(help: "Why; the operator repeats it whenever it holds something.")
  var reason: String?

  @Option(
    help: ArgumentHelp("Act on breaches of this severity and of more severe ones nevertheless.", valueName: "severity"))
  var allow: String?

  @OptionGroup var options: SessionOptions

  func validate() throws {
    let hasDetails = until != nil || reason != nil || allow != nil
    if state != .on, hasDetails { throw ValidationError("--until, --reason and --allow belong to `freeze on`.") }
  }

  func run(_ session: Session) async throws -> CommandStatus {
    switch state {
    case .on: try await FreezeVerb.on(until: until, reason: reason, allow: allow).run(session)
    case .off: try await FreezeVerb.off.run(session)
    case nil: try await FreezeVerb.show.run(session)
    }
  }
}
