import Glibc
import Synchronization

/// A child process that the kernel kills when this process ends, however it ends.
///
/// The kernel's parent-death signal (set through `setpriv`, since it must be set in the child) follows the *thread*
/// that started the child, and pool threads come and go. So every child has a thread of its own here, which starts it,
/// waits for its end and then ends too.
package final class ChildProcess: Sendable {
  /// How a process ended.
  package enum Exit: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var description: String {
      switch self {
      case .exited(let status): "exited with status \(status)"
      case .signalled(let signal): "was ended by signal \(signal)"
      }
    }
  }

  private struct State {
    var exit: Exit?
    var waiters: [CheckedContinuation<Exit, Never>] = []
  }

  let processID: pid_t
  private let state: Mutex<State>

  private init(processID: pid_t) {
    self.processID = processID
    self.state = Mutex(State())
  }

  /// How the process ended; `nil` while it runs.
  package var exit: Exit? { state.withLock { $0.exit } }

  /// Sends a signal, unless the process has ended already.
  package func send(_ signal: Int32) {
    state.withLock { state in
      // Under the lock the process has not been reaped, so that its number cannot belong to another one.
      if state.exit == nil { _ = kill(processID, signal) }
    }
  }

  /// Waits for the end of the process.
  package func waitForExit() async -> Exit {
    await withCheckedContinuation { continuation in
      let exit = state.withLock { state -> Exit? in
        if state.exit == nil { state.waiters.append(continuation) }
        return state.exit
      }
      if let exit { continuation.resume(returning: exit) }
    }
  }

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - arguments: the program's path and its arguments.
  ///   - environment: all of its environment; nothing is inherited.
  ///   - log: a file to which both outputs are appended.
  package static func start(
    arguments: [String], environment: [String: String], log: String
  ) async throws(ClusterError) -> ChildProcess {
    let launch = Launch(
      arguments: ["setpriv", "--pdeathsig", "KILL", "--"] + arguments, environment: environment, log: log)
    let result = await withCheckedContinuation { continuation in
      Thread.start {
        let result = launch.spawn()
        guard case .success(let processID) = result else {
          continuation.resume(returning: result.map { ChildProcess(processID: $0) })
          return
        }
        let child = ChildProcess(processID: processID)
        continuation.resume(returning: .success(child))
        child.reap()
      }
    }
    return try result.get()
  }

  /// Runs in the child's own thread until the child has ended.
  private func reap() {
    // First only looked at, not reaped, so that ``send(_:)`` can never hit a number that was given away again.
    var information = siginfo_t()
    while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
    let (exit, waiters) = state.withLock { state in
      var status: Int32 = 0
      while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
      let signal = status & 0x7f
      let exit: Exit = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
      state.exit = exit
      let waiters = state.waiters
      state.waiters = []
      return (exit, waiters)
    }
    for waiter in waiters { waiter.resume(returning: exit) }
  }
}
