import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Logging
import RollbackCore
import ServiceLifecycle

/// Says in time that the operator's client certificate will expire: as a metric, in the log, and as a warning Event.
struct CertificateMonitor: Service, CustomStringConvertible {
  /// The share of the lifetime below which a renewal is overdue.
  static let warningShare = 0.2

  var expiry: @Sendable () -> CertificateExpiry?
  /// What the warning is about: the operator's Pod, or its Lease outside of a cluster.
  var subject: ObjectReference
  var metrics: OperatorMetrics
  var recorder: EventRecorder
  var clock: any RuntimeClock
  var logger: Logger

  var description: String { "CertificateMonitor" }

  func run() async {
    await cancelWhenGracefulShutdown {
      repeat { look() } while await pause()
    }
  }

  private func look() {
    let expiry = expiry()
    metrics.clientCertificateExpires(at: expiry?.notAfter)
    let now = clock.wallTime
    guard let expiry, expiry.lifetimeLeft(at: now) < Self.warningShare else { return }
    let message =
      "the client certificate of \(expiry.origin) (\(expiry.subject)) expires at \(Timestamp.seconds(expiry.notAfter)); "
      + "put a renewed certificate and its key into place, they are taken up without a restart"
    logger.warning("\(message)")
    recorder.record(subject, .warning, reason: "CertificateExpiring", message: message)
  }

  /// - Returns: whether to look again.
  private func pause() async -> Bool {
    do throws(CancellationError) {
      try await clock.sleep(for: .seconds(60))
      return true
    } catch {
      return false
    }
  }
}
