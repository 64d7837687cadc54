import FoundationEssentials
import KubernetesClient
import RollbackCore
import Synchronization

/// How a metrics server is spoken to, with its credentials.
struct SourceConnection: Sendable {
  var name: String
  var url: OutboundURL
  var origin: OutboundOrigin
  var headers: [(name: String, value: String)]
  var tls: OutboundTLS?
  var timeout: Duration
}

/// Finds the connection of a source. Secrets are read one by one at the moment of use and kept for a minute.
final class SourceConnections: Sendable {
  private static let keptFor = Duration.seconds(60)

  private struct Kept: Sendable {
    var connection: SourceConnection
    var until: Duration
  }

  private let sources: [String: MetricSource]
  private let files = MetricSourceFiles()
  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let kept = Mutex(Memory())

  private struct Memory {
    var connections: [SourceReference: Kept] = [:]
    /// When what is too old is thrown away next: not with each connection, of which there may be thousands.
    var sweepAt = Duration.zero
  }

  /// - Parameter sources: those of the operator's configuration.
  init(sources: [MetricSource], client: KubernetesClient, clock: any RuntimeClock) {
    self.sources = Dictionary(sources.map { ($0.name, $0) }) { first, _ in first }
    self.client = client
    self.clock = clock
  }

  /// - Throws: a sentence that names the source, what is wrong with it and what to do.
  func connection(_ reference: SourceReference) async throws(SampleProblem) -> SourceConnection {
    // Files are looked at each time: a rotated token counts from the next request on.
    if case .administrator(let name) = reference { return try administrator(name) }
    let now = clock.monotonicTime
    if let known = kept.withLock({ $0.connections[reference] }), known.until > now { return known.connection }
    let connection = try await make(reference)
    kept.withLock { kept in
      kept.connections[reference] = Kept(connection: connection, until: now + Self.keptFor)
      guard now >= kept.sweepAt else { return }
      kept.connections = kept.connections.filter { $0.value.until > now }
      kept.sweepAt = now + Self.keptFor
    }
    return connection
  }

  private func make(_ reference: SourceReference) async throws(SampleProblem) -> SourceConnection {
    switch reference {
    case .administrator(let name): return try administrator(name)
    case .policy(let namespace, let source):
      return try await policySource(namespace, source)
    }
  }

  private func administrator(_ name: String) throws(SampleProblem) -> SourceConnection {
    guard let source = sources[name]?.prometheus else {
      throw SampleProblem(cause: "the operator's configuration has no source \(name)")
    }
    do throws(MetricSourceFileError) {
      let (headers, tls) = try files.credentials(of: source)
      return SourceConnection(
        name: "source \(name)", url: source.address, origin: .administrator, headers: headers, tls: tls,
        timeout: .milliseconds(source.timeout.milliseconds))
    } catch {
      throw SampleProblem(cause: "source \(name): \(error)")
    }
  }

  private func policySource(
    _ namespace: String, _ source: PolicySource
  ) async throws(SampleProblem) -> SourceConnection {
    let name = "source \(source.name)"
    let server = source.prometheus
    let url: OutboundURL
    do throws(OutboundURLError) {
      url = try OutboundURL(server.address)
    } catch {
      throw SampleProblem(cause: "\(name): address: \(error)")
    }
    var secrets = SecretReader(client: client, namespace: namespace, subject: name)
    var headers: [(name: String, value: String)] = []
    if let reference = server.headersFrom {
      for (key, value) in try await secrets.all(reference.secret) {
        headers.append((key, try secrets.text(value, key)))
      }
    }
    if let token = server.bearerTokenFrom {
      let text = try secrets.text(try await secrets.value(token), token.key)
      headers.append(("Authorization", "Bearer \(text)"))
    }
    if let basic = server.basicAuthFrom {
      let user = try await secrets.value(SecretKey(secret: basic.secret, key: "username"))
      let password = try await secrets.value(SecretKey(secret: basic.secret, key: "password"))
      headers.append(("Authorization", "Basic \(Data(user + [UInt8(ascii: ":")] + password).base64EncodedString())"))
    }
    var tls: OutboundTLS?
    if let wanted = server.tls {
      tls = OutboundTLS(
        authority: try await secrets.optional(wanted.caFrom), certificate: try await secrets.optional(wanted.certFrom),
        key: try await secrets.optional(wanted.keyFrom))
    }
    return SourceConnection(
      name: name, url: url, origin: .policy(namespace: namespace), headers: headers, tls: tls,
      timeout: .milliseconds(server.timeout.milliseconds))
  }
}

/// Reads Secrets of one namespace, each once. What they hold goes into requests only.
struct SecretReader {
  var client: KubernetesClient
  var namespace: String
  /// Whose Secrets they are, for errors.
  var subject: String
  private var read: [String: [String: [UInt8]]] = [:]

  init(client: KubernetesClient, namespace: String, subject: String) {
    self.client = client
    self.namespace = namespace
    self.subject = subject
  }

  /// Every key with its value, by key.
  mutating func all(_ name: String) async throws(SampleProblem) -> [(String, [UInt8])] {
    try await data(name).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  mutating func value(_ reference: SecretKey) async throws(SampleProblem) -> [UInt8] {
    let data = try await data(reference.secret)
    guard let value = data[reference.key] else {
      throw SampleProblem(
        cause: "\(subject): Secret \(reference.secret) has no key \(reference.key); add it, or name another one")
    }
    return value
  }

  mutating func optional(_ reference: SecretKey?) async throws(SampleProblem) -> [UInt8]? {
    guard let reference else { return nil }
    return try await value(reference)
  }

  /// The bytes as text on one line.
  func text(_ bytes: [UInt8], _ key: String) throws(SampleProblem) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SampleProblem(cause: "\(subject): the value of key \(key) of its Secret is no text")
    }
    // A file with a token ends with a line break more often than not.
    var line = Substring(text)
    while let last = line.last, last.isWhitespace { line.removeLast() }
    return String(line)
  }

  private mutating func data(_ name: String) async throws(SampleProblem) -> [String: [UInt8]] {
    if let known = read[name] { return known }
    let object: JSONValue
    do throws(KubernetesError) {
      object = try await client.getValue(.secrets, namespace: namespace, name: name)
    } catch {
      throw SampleProblem(cause: "\(subject): \(Self.explain(error, name))")
    }
    var data: [String: [UInt8]] = [:]
    for (key, value) in object["data"]?.object.map({ $0.map { ($0.key, $0.value) } }) ?? [] {
      data[key] = value.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
    }
    read[name] = data
    return data
  }

  private static func explain(_ error: KubernetesError, _ name: String) -> String {
    switch error.code {
    case .notFound: "Secret \(name) does not exist in the policy's namespace; create it, or name another one"
    case .forbidden:
      "the operator may not read Secret \(name); grant it get on secrets of this namespace, or use a source of the "
        + "operator's configuration"
    default: "Secret \(name) cannot be read: \(error.reason)"
    }
  }
}

extension SourceConnection {
  /// A query as a request: in the body, so that no proxy or log on the way gets it, and none is too long.
  ///
  /// - Parameter isForMany: whether the answer is divided among many targets, and as large as that needs.
  func request(_ query: PrometheusQuery, isForMany: Bool = false) -> OutboundRequest {
    OutboundRequest(
      url: url.appending(path: query.path), origin: origin, method: .post,
      headers: headers + [("Content-Type", PrometheusQuery.formType), ("Accept", "application/json")],
      body: query.form, timeout: timeout, maximumBytes: isForMany ? PrometheusAnswer.longestBody : 1 << 20, tls: tls)
  }
}
