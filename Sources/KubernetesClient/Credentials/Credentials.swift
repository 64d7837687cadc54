import FoundationEssentials
public import Logging
import Synchronization

/// What proves to the API server who we are, and whom we trust, kept up to date while the program runs.
///
/// Files are looked at every 10 s when requests are made, and at once after a request that the server refused. What
/// is half-written, empty, or does not fit together is never used: the last good credentials stay, and one warning is
/// logged. Exec plugins are run again when what they printed expires or is refused. Connections that are open are
/// never touched: only new ones use new credentials.
public final class Credentials: Sendable {
  private let state: Mutex<CredentialState>
  private let plugins = SerialGate()
  private let clock: any RuntimeClock
  private let logger: Logger

  /// - Parameter clock: time for the checks of files and of validity.
  public init(configuration: ClusterConfiguration, clock: any RuntimeClock = SystemClock(), logger: Logger) {
    state = Mutex(CredentialState(configuration: configuration))
    self.clock = clock
    self.logger = logger
  }

  /// The client certificate in use; `nil` if there is none (yet). Files that are due are read.
  public var certificateExpiry: CertificateExpiry? {
    refreshFiles()
    return state.withLock { state in (try? state.current())?.certificate }
  }

  /// Loads everything once.
  ///
  /// - Throws: ``CredentialError`` if something is missing or unusable, or if the client certificate is out of its
  ///   time by this machine's clock.
  public func verify() async throws(CredentialError) {
    if let problem = try await current().certificate?.problem(at: clock.wallTime) { throw CredentialError(problem) }
  }

  /// Looks at the files and runs the exec plugin again before the next request: the server refused the present
  /// credentials.
  public func invalidate() {
    state.withLock { state in
      state.requestCheck()
      state.exec.refuse()
    }
  }

  /// Looks at the files before the next request, even if it is not yet time.
  func checkFiles() {
    state.withLock { $0.requestCheck() }
  }

  /// What the next request is to be sent with.
  func current() async throws(CredentialError) -> CredentialSnapshot {
    refreshFiles()
    if let plugin = state.withLock(\.execPlugin), mustRunPlugin { try await run(plugin) }
    return try state.withLock { state throws(CredentialError) in try state.current() }
  }

  /// Credentials other than `refused`, if there are any by now.
  func replacement(for refused: CredentialSnapshot) async throws(CredentialError) -> CredentialSnapshot? {
    // Of many requests that were refused at once only the first has to ask for new credentials.
    let isStillUsed = state.withLock { $0.snapshot?.generation == refused.generation }
    if isStillUsed { invalidate() }
    let new = try await current()
    return new.generation == refused.generation ? nil : new
  }

  private var mustRunPlugin: Bool {
    let (now, wallTime) = (clock.monotonicTime, clock.wallTime)
    return state.withLock { $0.exec.mustRun(now: now, wallTime: wallTime) }
  }

  private func run(_ plugin: ExecPluginConfiguration) async throws(CredentialError) {
    guard await plugins.enter() else { throw CredentialError("the request was cancelled") }
    defer { plugins.leave() }
    // Another request may have run it while this one waited at the gate.
    guard mustRunPlugin else { return }
    let credential = try await ExecPlugin(configuration: plugin).run()
    let now = clock.monotonicTime
    state.withLock { $0.take(credential, now: now) }
  }

  private func refreshFiles() {
    let (now, wallTime) = (clock.monotonicTime, clock.wallTime)
    let warnings = state.withLock { $0.refreshFiles(now: now, wallTime: wallTime) }
    for warning in warnings {
      logger.warning("Credentials were not taken up; the last good ones stay in use: \(warning)")
    }
  }
}
