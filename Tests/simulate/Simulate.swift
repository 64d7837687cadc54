import ArgumentParser
import Glibc

/// Runs the operator's real code on a simulated cluster, where anything may fail.
@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the operator on a simulated cluster, seed after seed, and says which rule broke.",
    subcommands: [Seeds.self, Run.self, Sweeps.self, Months.self])

  static func main() {
    guard getenv("SWIFT_DETERMINISTIC_HASHING") != nil else { restart() }
    Self.main(nil)
  }

  /// Prints a line at once, also into a file or a pipe: who waits wants to see how far it is.
  static func report(_ line: String) {
    print(line)
    fflush(nil)
  }

  /// As many runs at once as there are processors.
  static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The order of hash tables is another in each process unless the environment says otherwise from the start.
  private static func restart() -> Never {
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    perror("simulate")
    Glibc.exit(1)
  }
}
