import AsyncHTTPClient
import FoundationEssentials
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

/// Turns what the layers below throw into a ``TransportError`` that names the server, the cause and the remedy.
struct TransportFailures {
  let configuration: ClusterConfiguration
  let request: TransportRequest
  /// What the request was sent with; `nil` after the answer's head.
  let snapshot: CredentialSnapshot?
  let wallTime: Date
  /// A TLS alert since the request was begun.
  let alert: String?

  func transportError(_ error: any Error, idleTimeout: Duration?) -> TransportError {
    switch error {
    case let error as TransportError: return error
    case let error as CredentialError:
      return TransportError(.credentials, requestMayHaveBeenSent: false, message: "The \(server): \(error)")
    case is CancellationError: return cancelled
    case _ where Task.isCancelled: return cancelled
    case let error as HTTPClientError: return httpClientError(error, idleTimeout: idleTimeout)
    case let error as NIOConnectionError: return connectionError(error)
    case let error as IOError where error.errnoCode == ECONNREFUSED: return unreachable(Self.refused)
    case let error as IOError where [EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode) && snapshot != nil:
      return unreachable("\(error); check the address and the network", sent: true)
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return tls(
        "its certificate is not made for the name \"\(verifiedName)\"; use a name or an address that the "
          + "certificate holds, or "
          + "set tls-server-name in the kubeconfig's cluster", sent: false)
    case NIOSSLError.handshakeFailed(let cause): return handshake("\(cause)")
    case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: return untrusted
    case let error as NIOSSLExtraError: return tls("the TLS handshake failed (\(error))", sent: false)
    case let error as BoringSSLError where "\(error)".contains("ALERT"): return alerted("\(error)")
    default: return lost("\(error)")
    }
  }

  var cancelled: TransportError {
    TransportError(.cancelled, requestMayHaveBeenSent: true, message: "\(line) was cancelled.")
  }

  var timedOut: TransportError {
    TransportError(
      .timedOut, requestMayHaveBeenSent: true,
      message: "The \(server) did not answer \(line) completely within \(request.timeout).")
  }

  func tooLarge(_ limit: Int) -> TransportError {
    TransportError(
      .tooLarge, requestMayHaveBeenSent: true,
      message: "The answer of the \(server) to \(line) is larger than \(limit) bytes.")
  }

  /// For a 401 with a certificate that is out of its time; such a request was surely not executed.
  var unauthorized: TransportError {
    let problem =
      snapshot?.certificate?.problem(at: wallTime) ?? "it does not accept the credentials of \(configuration.origin)"
    return TransportError(
      .credentials, requestMayHaveBeenSent: false,
      message: "The \(server) refused \(line) as unauthorized: \(problem).")
  }

  // MARK: causes

  private func httpClientError(_ error: HTTPClientError, idleTimeout: Duration?) -> TransportError {
    switch error {
    case .readTimeout:
      return TransportError(
        .idle, requestMayHaveBeenSent: true,
        message: "The \(server) sent nothing for \(idleTimeout.map { "\($0)" } ?? "too long") on \(line).")
    case .deadlineExceeded, .writeTimeout: return timedOut
    case .connectTimeout, .tlsHandshakeTimeout:
      return TransportError(
        .connectionFailed, requestMayHaveBeenSent: false,
        message:
          "The \(server) cannot be reached: the connection was not established in time; check the address (from "
          + "\(configuration.origin)), the network and firewalls.")
    case .getConnectionFromPoolTimeout:
      return TransportError(
        .connectionFailed, requestMayHaveBeenSent: false,
        message: "No connection to the \(server) became free in time for \(line).")
    case .alreadyShutdown:
      return TransportError(
        .cancelled, requestMayHaveBeenSent: false, message: "\(line) was not sent: the transport has been shut down.")
    case .cancelled:
      return TransportError(
        .cancelled, requestMayHaveBeenSent: true, message: "\(line) was ended: the transport has been shut down.")
    case .remoteConnectionClosed: return alert.map(alerted) ?? lost("the server closed the connection")
    case .invalidURL, .emptyHost, .invalidHeaderFieldNames([]):
      return TransportError(
        .connectionFailed, requestMayHaveBeenSent: false, message: "\(line) is not a valid request: \(error).")
    default: return alert.map(alerted) ?? lost("\(error)")
    }
  }

  private func connectionError(_ error: NIOConnectionError) -> TransportError {
    let reasons = error.connectionErrors.map { "\($0.error)" }
    let cause: String
    if !reasons.isEmpty {
      cause =
        reasons.contains { $0.contains("errno: \(ECONNREFUSED)") || $0.lowercased().contains("connection refused") }
        ? Self.refused
        : "\(reasons.joined(separator: ", ")); check the address and the network"
    } else if let failure = error.dnsAError ?? error.dnsAAAAError {
      cause = "the name \"\(error.host)\" cannot be resolved (\(failure)); check the address and the DNS"
    } else {
      cause = "no connection could be made; check the address and the network"
    }
    return unreachable(cause)
  }

  private static let refused = "the connection was refused; check that it is running and that the address is right"

  private func unreachable(_ cause: String, sent: Bool = false) -> TransportError {
    TransportError(
      .connectionFailed, requestMayHaveBeenSent: sent,
      message: "The \(server) cannot be reached: \(cause) (from \(configuration.origin)).")
  }

  private func handshake(_ cause: String) -> TransportError {
    if cause.contains("CERTIFICATE_VERIFY_FAILED") { return untrusted }
    if cause.contains("ALERT") { return alerted(cause, sent: false) }
    if cause.contains("WRONG_VERSION_NUMBER") || cause.contains("HTTP_REQUEST") {
      return tls("it does not speak TLS on this port; check port and scheme of the address", sent: false)
    }
    return tls("the TLS handshake failed (\(cause))", sent: false)
  }

  private var untrusted: TransportError {
    let trusted = snapshot?.authority ?? "the certificate authority of \(configuration.origin)"
    return tls(
      "its certificate is not trusted: it is not signed by \(trusted), or it is out of its time by this "
        + "machine's clock "
        + "(\(wallTime.formatted(.iso8601))); give the authority that signed it as certificate-authority", sent: false)
  }

  /// The server ended the TLS session with an alert.
  private func alerted(_ text: String, sent: Bool) -> TransportError {
    let certificate = snapshot?.certificate
    if let problem = certificate?.problem(at: wallTime) {
      return tls("it refused the TLS session: \(problem)", sent: sent)
    }
    if text.contains("CERTIFICATE_REQUIRED") || (certificate == nil && text.contains("HANDSHAKE_FAILURE")) {
      return tls(
        "it demands a client certificate and none was given; set client-certificate and client-key in the "
          + "kubeconfig's user, or "
          + "give --client-certificate and --client-key", sent: sent)
    }
    if let certificate, text.contains("CERTIFICATE") || text.contains("UNKNOWN_CA") {
      return tls(
        "it refused the client certificate of \(certificate.origin) (\(certificate.subject)) "
          + "(\(alertName(text))); give one that "
          + "its client certificate authority signed", sent: sent)
    }
    return tls("it ended the TLS session (\(alertName(text)))", sent: sent)
  }

  private func alerted(_ text: String) -> TransportError { alerted(text, sent: true) }

  private func lost(_ cause: String) -> TransportError {
    TransportError(
      .connectionLost, requestMayHaveBeenSent: true,
      message: "The connection to the \(server) was lost during \(line): \(cause).")
  }

  private func tls(_ cause: String, sent: Bool) -> TransportError {
    TransportError(.tls, requestMayHaveBeenSent: sent, message: "No trusted connection to the \(server): \(cause).")
  }

  // MARK: words

  private var server: String { "API server \(configuration.server)" }

  private var verifiedName: String { configuration.tlsServerName ?? configuration.server.host }

  /// Method and path; the query is left out, it may hold long selectors.
  private var line: String { "\(request.method) \(request.path.prefix { $0 != "?" })" }

  /// The alert's own name in an error text of the TLS library, such as `TLSV1_ALERT_UNKNOWN_CA`.
  private func alertName(_ text: String) -> Substring {
    text.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }).first { $0.contains("ALERT") } ?? "alert"
  }
}
