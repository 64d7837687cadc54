import FoundationEssentials

/// What a credential plugin printed.
struct ExecCredential: Sendable {
  var token: String?
  var certificate: ClientCertificate?
  /// `nil`: good until the server refuses it.
  var expires: Date?

  private struct Document: Decodable {
    struct Status: Decodable {
      var expirationTimestamp: String?
      var token: String?
      var clientCertificateData: String?
      var clientKeyData: String?
    }
    var apiVersion: String?
    var kind: String?
    var status: Status?
  }

  /// - Throws: ``CredentialError`` that names the plugin; what it printed is never repeated, because it is secret.
  init(output: [UInt8], plugin: ExecPluginConfiguration) throws(CredentialError) {
    let name = "the credential plugin \(plugin.command) (\(plugin.origin))"
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(output)) else {
      throw CredentialError("\(name) did not print an ExecCredential in JSON")
    }
    guard document.kind == "ExecCredential", document.apiVersion == plugin.apiVersion else {
      throw CredentialError(
        "\(name) printed another apiVersion or kind than \(plugin.apiVersion), ExecCredential")
    }
    guard let status = document.status else { throw CredentialError("\(name) printed no status") }
    token = status.token.flatMap { $0.isEmpty ? nil : $0 }
    if let token, !token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
      throw CredentialError("\(name) printed a token with characters that a token cannot have")
    }
    let pem = status.clientCertificateData ?? ""
    let key = status.clientKeyData ?? ""
    guard pem.isEmpty == key.isEmpty else {
      throw CredentialError("\(name) printed a client certificate without its key, or a key without its certificate")
    }
    if !pem.isEmpty {
      certificate = try ClientCertificate(Array(pem.utf8), key: Array(key.utf8), origin: name, keyOrigin: name)
    }
    guard token != nil || certificate != nil else {
      throw CredentialError("\(name) printed neither a token nor a client certificate")
    }
    if let text = status.expirationTimestamp, !text.isEmpty {
      guard let date = Self.timestamp(text) else {
        throw CredentialError("\(name) printed an expirationTimestamp that is not an RFC 3339 time")
      }
      expires = date
    }
    if let notAfter = certificate?.expiry.notAfter { expires = min(expires ?? notAfter, notAfter) }
  }

  private static func timestamp(_ text: String) -> Date? {
    (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }
}

/// When the plugin has to be run.
struct ExecState: Sendable {
  /// After a refusal the plugin is not run again before this time has passed: a server that refuses everything must
  /// not make it run with each request.
  static let minimumRunInterval: Duration = .seconds(5)

  private(set) var credential: ExecCredential?
  private var wasRefused = false
  private var lastRun: Duration?

  mutating func take(_ credential: ExecCredential, now: Duration) {
    self.credential = credential
    wasRefused = false
    lastRun = now
  }

  /// The server answered 401 to the credential in use.
  mutating func refuse() { wasRefused = true }

  func mustRun(now: Duration, wallTime: Date) -> Bool {
    guard let credential else { return true }
    if let expires = credential.expires, expires <= wallTime { return true }
    guard wasRefused else { return false }
    return lastRun.map { now - $0 >= Self.minimumRunInterval } ?? true
  }
}
