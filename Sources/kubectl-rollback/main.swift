import FoundationEssentials
import RollbackCommands

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// A connection that is gone is an error of its request; a reader that is gone ends the command where it writes.
_ = signal(SIGPIPE, SIG_IGN)

let status = await RollbackCommand.run(
  Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
exit(status.rawValue)
