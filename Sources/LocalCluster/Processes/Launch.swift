import Glibc

/// Starts a program that has its inputs, outputs and signals to itself.
struct Launch: Sendable {
  /// The program, found in the folders of `PATH`, and its arguments.
  var arguments: [String]
  /// All of its environment; nothing is inherited.
  var environment: [String: String]
  /// A file to which both outputs are appended.
  var log: String
  /// Whether it leaves the terminal, and so lives on when that is closed.
  var leavesTerminal = false

  func spawn() -> Result<pid_t, ClusterError> {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Descriptors that some library opened without close-on-exec stay here.
    for descriptor in FileSystem.entries(of: "/proc/self/fd").compactMap({ Int32($0) }) where descriptor > 2 {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group, or session, of its own: Ctrl-C in the terminal reaches the owner only, which then stops things in order.
    posix_spawnattr_setpgroup(&attributes, 0)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // setsid would fork if it were the leader of a group already.
    let group = leavesTerminal ? 0 : POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var processID: pid_t = 0
    let arguments = leavesTerminal ? ["setsid"] + self.arguments : self.arguments
    let status = withCStrings(arguments) { pointers in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { environment in
        posix_spawnp(&processID, arguments[0], &actions, &attributes, pointers, environment)
      }
    }
    guard status == 0 else {
      let reason = String(cString: strerror(status))
      return .failure(ClusterError(.process, "could not start \(self.arguments.joined(separator: " ")): \(reason)"))
    }
    return .success(processID)
  }
}

/// Calls `body` with a null-terminated array of C strings that lives as long as the call.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  pointers.append(nil)
  return pointers.withUnsafeBufferPointer { buffer in
    var fallback: UnsafeMutablePointer<CChar>?
    return withUnsafePointer(to: &fallback) { body(buffer.baseAddress ?? $0) }
  }
}
