import FoundationEssentials
import RollbackCommands

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// A reader that goes away, as `head` does, ends the command without a word.
_ = signal(SIGPIPE, SIG_DFL)

let status = await RollbackCommand.run(
  Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
exit(status.rawValue)
