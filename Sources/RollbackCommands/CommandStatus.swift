/// How a command ended, as its exit status says it.
package enum CommandStatus: Int32, Sendable {
  /// What was asked for is done.
  case done = 0
  /// It could not be done or not be asked for.
  case error = 1
  /// It was refused, or what was asked about is not healthy.
  case refused = 2
}

/// The end of a command that did not do what was asked, in sentences for the person who asked.
package struct CommandFailure: Error, Sendable, CustomStringConvertible {
  package var status: CommandStatus
  package var description: String

  package static func error(_ text: String) -> CommandFailure { CommandFailure(status: .error, description: text) }
  package static func refused(_ text: String) -> CommandFailure { CommandFailure(status: .refused, description: text) }
}
