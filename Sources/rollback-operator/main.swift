import ArgumentParser
import FoundationEssentials
import RollbackOperator

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// A reader of the log that goes away must not end the operator.
_ = signal(SIGPIPE, SIG_IGN)

let status = await RollbackOperatorCommand.run(
  Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
exit(status.rawValue)
