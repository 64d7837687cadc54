import FoundationEssentials
import NIOCore
import NIOSSL

/// What requests are sent with, made whole: a new one for every change, with a new generation.
struct CredentialSnapshot: Sendable {
  /// Grows with every change.
  var generation: Int
  /// `nil` for a plain `http` server.
  var tls: TLSConfiguration?
  /// The value of the `Authorization` header; `nil` for none.
  var authorization: String?
  /// The client certificate that `tls` presents; `nil` for none.
  var certificate: CertificateExpiry?
  /// The certificate authorities that `tls` trusts, for error messages.
  var authority: String
}

extension CredentialSnapshot {
  /// For a 401: which credentials the server did not accept, and what to do.
  func refusal(by configuration: ClusterConfiguration) -> String {
    let server = "API server \(configuration.server)"
    if let certificate {
      return "the \(server) does not accept the client certificate of \(certificate.origin) (\(certificate.subject)); "
        + "give one that its client certificate authority signed"
    }
    guard authorization != nil else {
      return "no credentials were given to the \(server); set client-certificate and client-key, or a token, in the "
        + "user of \(configuration.origin)"
    }
    let source = configuration.credentials
    let origin = source.token?.description ?? source.exec?.description ?? configuration.origin
    return "the \(server) does not accept the token or password of \(origin); give one that is valid"
  }
}

/// The files behind the credentials and what was last made of them; it decides, ``Credentials`` only locks and runs.
struct CredentialState: Sendable {
  /// Files are looked at again this long after the last time.
  static let checkInterval: Duration = .seconds(10)
  /// The same while something is wrong with them, or after a failed request.
  static let eagerCheckInterval: Duration = .seconds(1)

  private let configuration: ClusterConfiguration
  private var authority: RotatingValue<CertificateAuthority>?
  private var certificate: RotatingValue<ClientCertificate>?
  private var token: RotatingValue<String>?
  private var lastCheck: Duration?
  private var wantsCheck = false
  /// What the exec plugin printed last.
  var exec = ExecState()
  private(set) var snapshot: CredentialSnapshot?
  private var generation = 0

  init(configuration: ClusterConfiguration) {
    self.configuration = configuration
    // As for kubectl, nothing secret goes over a connection without TLS.
    guard configuration.server.scheme == .https else { return }
    authority = configuration.certificateAuthority.map { RotatingValue(sources: [$0]) }
    let source = configuration.credentials
    if let file = source.clientCertificate {
      certificate = RotatingValue(sources: [file] + (source.clientKey.map { [$0] } ?? []))
    } else if let file = source.token {
      token = RotatingValue(sources: [file])
    }
  }

  /// The exec plugin to use; `nil` if there is none or something better.
  var execPlugin: ExecPluginConfiguration? {
    guard configuration.server.scheme == .https, certificate == nil, token == nil else { return nil }
    return configuration.credentials.exec
  }

  /// Makes the next ``refreshFiles(now:wallTime:)`` look at the files, even if it is not yet time.
  mutating func requestCheck() { wantsCheck = true }

  /// Reads the files again if it is time to, and returns what is to be logged as a warning.
  mutating func refreshFiles(now: Duration, wallTime: Date) -> [CredentialError] {
    let hasFailure = authority?.failure != nil || certificate?.failure != nil || token?.failure != nil
    let interval = hasFailure || wantsCheck ? Self.eagerCheckInterval : Self.checkInterval
    if let lastCheck, now - lastCheck < interval { return [] }
    lastCheck = now
    wantsCheck = false
    var warnings: [CredentialError] = []
    var changed = snapshot == nil
    changed = Self.note(authority?.refresh(Self.makeAuthority(configuration)), &warnings) || changed
    changed = Self.note(certificate?.refresh(Self.makeCertificate(configuration, at: wallTime)), &warnings) || changed
    changed = Self.note(token?.refresh(Self.makeToken(configuration)), &warnings) || changed
    if changed { snapshot = nil }
    return warnings
  }

  private static func note<T>(_ outcome: RotatingValue<T>.Outcome?, _ warnings: inout [CredentialError]) -> Bool {
    switch outcome {
    case .changed: return true
    case .rejected(let error, let isNews):
      if isNews { warnings.append(error) }
      return false
    case .unchanged, nil: return false
    }
  }

  /// What requests are to be sent with now.
  ///
  /// - Throws: the reason why something was never had at all.
  mutating func current() throws(CredentialError) -> CredentialSnapshot {
    if let snapshot { return snapshot }
    for failure in [
      authority.flatMap { $0.value == nil ? $0.failure : nil },
      certificate.flatMap { $0.value == nil ? $0.failure : nil },
      token.flatMap { $0.value == nil ? $0.failure : nil },
    ] {
      if let failure { throw failure }
    }
    generation += 1
    let made = makeSnapshot()
    snapshot = made
    return made
  }

  /// Takes what the exec plugin printed.
  mutating func take(_ credential: ExecCredential, now: Duration) {
    exec.take(credential, now: now)
    snapshot = nil
  }

  private func makeSnapshot() -> CredentialSnapshot {
    guard configuration.server.scheme == .https else {
      return CredentialSnapshot(generation: generation, authority: "none")
    }
    let client = certificate?.value ?? exec.credential?.certificate
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    // A peer that is gone does not answer the closing of the session; it must not hold a connection for the default 5
    // s.
    tls.shutdownTimeout = .milliseconds(200)
    if let authority = authority?.value { tls.trustRoots = .certificates(authority.roots) }
    if let client {
      tls.certificateChain = client.chain.map { .certificate($0) }
      tls.privateKey = .privateKey(client.key)
    }
    return CredentialSnapshot(
      generation: generation, tls: tls, authorization: authorization(hasCertificate: client != nil),
      certificate: client?.expiry, authority: authorityText)
  }

  private func authorization(hasCertificate: Bool) -> String? {
    if let token = token?.value ?? exec.credential?.token { return "Bearer \(token)" }
    guard !hasCertificate, let basic = configuration.credentials.basic else { return nil }
    return "Basic \(Data("\(basic.username):\(basic.password)".utf8).base64EncodedString())"
  }

  private var authorityText: String {
    guard let source = configuration.certificateAuthority else { return "this machine's trust store" }
    let subjects = authority?.value?.subjects.prefix(3).joined(separator: "; ") ?? ""
    return "the certificate authority \(source.description) (\(subjects))"
  }
}

extension CredentialState {
  private typealias Maker<T> = ([[UInt8]], T?) throws(CredentialError) -> T

  private static func makeAuthority(_ configuration: ClusterConfiguration) -> Maker<CertificateAuthority> {
    { (contents, _) throws(CredentialError) in
      try CertificateAuthority(
        contents.first ?? [], origin: configuration.certificateAuthority?.description ?? "certificate authority")
    }
  }

  private static func makeCertificate(
    _ configuration: ClusterConfiguration, at wallTime: Date
  ) -> Maker<ClientCertificate> {
    { (contents, current) throws(CredentialError) in
      let source = configuration.credentials
      let origin = source.clientCertificate?.description ?? "client certificate"
      let made = try ClientCertificate(
        contents.first ?? [], key: contents.count > 1 ? contents[1] : nil, origin: origin,
        keyOrigin: source.clientKey?.description ?? origin)
      // A certificate that is out of its time is still tried when there is nothing better: this machine's clock may be
      // the one that is wrong, and the API server is the judge.
      if let current, current.expiry.problem(at: wallTime) == nil, let problem = made.expiry.problem(at: wallTime) {
        throw CredentialError(problem)
      }
      return made
    }
  }

  private static func makeToken(_ configuration: ClusterConfiguration) -> Maker<String> {
    { (contents, _) throws(CredentialError) in
      let text = String(decoding: contents.first ?? [], as: UTF8.self)
      let token = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      let origin = configuration.credentials.token?.description ?? "token"
      guard !token.isEmpty else { throw CredentialError("the token of \(origin) is empty") }
      guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
        throw CredentialError("the token of \(origin) holds characters that a token cannot have")
      }
      return token
    }
  }
}
