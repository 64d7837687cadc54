import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Turns what the layers below throw into an ``OutboundError``. Their own words are left out: some repeat what the
/// server sent.
struct OutboundFailures {
  let url: OutboundURL
  let hasClientCertificate: Bool

  func outboundError(_ error: any Error) -> OutboundError {
    switch error {
    case let error as OutboundError: return error
    case is CancellationError: return cancelled
    case is UncheckedPeer: return unsent("the connection led to another address than the one that was checked")
    case let error as HTTPClientError: return httpClientError(error)
    case let error as NIOConnectionError:
      return error.connectionErrors.compactMap { $0.error as? IOError }.first.map(systemError) ?? unreachable
    case let error as IOError: return systemError(error)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return tls(
        "its certificate is not made for this name; use a name that the certificate holds")
    case NIOSSLError.handshakeFailed(let cause): return handshake("\(cause)")
    case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: return untrusted
    case is NIOSSLError, is NIOSSLExtraError: return tls("the TLS session failed")
    case let error as BoringSSLError: return handshake("\(error)")
    default: return connect("it broke the connection or answered something that is no HTTP")
    }
  }

  /// Whether the connection itself failed, so that the request may be sent to another address.
  static func isBeforeSending(_ error: any Error) -> Bool {
    switch error {
    case is NIOConnectionError: true
    case let error as IOError: [ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL].contains(error.errnoCode)
    case let error as HTTPClientError: error == .connectTimeout
    default: false
    }
  }

  var cancelled: OutboundError { OutboundError(.cancelled, "The request to \(url) was cancelled.") }

  /// - Parameter stage: how far the request had come; only who was asked can be too slow to answer.
  func timedOut(_ timeout: Duration, in stage: OutboundProgress.Stage) -> OutboundError {
    switch stage {
    case .waiting:
      unsent("too many other requests to the same host were under way for \(timeout); ask less often")
    case .resolving:
      OutboundError(.resolve, "The name \(url.host) was not resolved within \(timeout); check the DNS.")
    case .asking: OutboundError(.timeout, "\(url) did not answer completely within \(timeout).")
    }
  }

  func tooLarge(_ limit: Int) -> OutboundError {
    OutboundError(
      .tooLarge, "The answer of \(url) is larger than \(limit) bytes; ask for less, for example for fewer series.")
  }

  func redirected(_ status: Int) -> OutboundError {
    OutboundError(
      .redirect(status: status),
      "\(url) answered with a redirection (\(status)), and none is followed; name the address that it leads to, or give "
        + "credentials if it leads to a login page.")
  }

  func invalid(_ reason: String) -> OutboundError {
    OutboundError(.invalidRequest, "The request to \(url) \(reason).")
  }

  func refused(_ refusal: EgressRefusal) -> OutboundError {
    OutboundError(.refused(refusal), "The request to \(url) was not sent: \(refusal).")
  }

  func unresolved(_ error: HostResolutionError) -> OutboundError {
    switch error {
    case .cancelled: cancelled
    case .notFound:
      OutboundError(.resolve, "The name \(url.host) cannot be resolved: it does not exist; check how it is spelt.")
    case .failed(let reason):
      OutboundError(.resolve, "The name \(url.host) cannot be resolved (\(reason)); check the DNS.")
    }
  }

  /// The cluster could not be asked for the addresses of a Service.
  var unlisted: OutboundError {
    OutboundError(
      .resolve,
      "The addresses of the Service \(url.host) cannot be read from the cluster; check that the operator may "
        + "get services.")
  }

  // MARK: causes

  private func httpClientError(_ error: HTTPClientError) -> OutboundError {
    switch error {
    case .readTimeout, .deadlineExceeded, .writeTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
      return OutboundError(.timeout, "\(url) did not answer in time.")
    case .connectTimeout: return unreachable
    case .alreadyShutdown, .cancelled: return cancelled
    case .remoteConnectionClosed:
      let isMaybeRefusal = url.scheme == .https && !hasClientCertificate
      return connect(
        "it closed the connection before its answer was complete"
          + (isMaybeRefusal ? "; if it demands a client certificate, give one" : ""))
    case .invalidURL, .emptyHost, .invalidHeaderFieldNames([]): return invalid("is not a valid one")
    default: return connect("it broke the connection or answered something that is no HTTP")
    }
  }

  private func systemError(_ error: IOError) -> OutboundError {
    switch error.errnoCode {
    case ECONNREFUSED:
      connect("the connection was refused; check that it is running and that the port is right")
    case EHOSTUNREACH, ETIMEDOUT: unreachable
    case ENETUNREACH: unsent("this machine has no route to its network")
    case EADDRNOTAVAIL, EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES, EPERM:
      unsent("this machine could not open a connection (error \(error.errnoCode))")
    default: connect("the connection broke (error \(error.errnoCode))")
    }
  }

  private var unreachable: OutboundError {
    connect("no connection could be made; check the address and the network")
  }

  private func handshake(_ cause: String) -> OutboundError {
    if cause.contains("CERTIFICATE_VERIFY_FAILED") { return untrusted }
    if cause.contains("WRONG_VERSION_NUMBER") || cause.contains("HTTP_REQUEST") {
      return tls("it does not speak TLS on this port; check port and scheme of the address")
    }
    if cause.contains("CERTIFICATE_REQUIRED") || !hasClientCertificate && cause.contains("ALERT_HANDSHAKE_FAILURE") {
      return tls("it demands a client certificate; give one")
    }
    if cause.contains("ALERT") {
      return tls(
        hasClientCertificate
          ? "it refused the TLS session; check that its client authority signed the client certificate, and that it "
            + "has not expired"
          : "it refused the TLS session; check whether it demands a client certificate")
    }
    return tls("the TLS handshake failed")
  }

  private var untrusted: OutboundError {
    tls(
      "its certificate has expired, or is not signed by an authority that is trusted here; renew it, or name its "
        + "authority")
  }

  private func unsent(_ cause: String) -> OutboundError {
    OutboundError(.unsent, "The request to \(url) was not sent: \(cause).")
  }

  private func connect(_ cause: String) -> OutboundError {
    OutboundError(.connect, "No answer from \(url): \(cause).")
  }

  private func tls(_ cause: String) -> OutboundError {
    OutboundError(.tls, "No trusted connection to \(url): \(cause).")
  }
}
