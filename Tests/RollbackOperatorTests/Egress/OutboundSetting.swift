import KubernetesClient
import RollbackOperator
import Synchronization
import TestSupport

/// A resolver whose answers a test has written down: one for each time that a name is asked for, the last for ever.
final class ScriptedResolver: HostResolver {
  private let answers: Mutex<[String: [[String]]]>
  private let names = Mutex<[String]>([])

  init(_ answers: [String: [[String]]]) {
    self.answers = Mutex(answers)
  }

  /// Every name that was asked for, in order.
  var asked: [String] { names.withLock { $0 } }

  func addresses(of name: String) async throws(HostResolutionError) -> [IPAddress] {
    names.withLock { $0.append(name) }
    let answer = answers.withLock { answers -> [String]? in
      guard var script = answers[name], let first = script.first else { return nil }
      if script.count > 1 { script.removeFirst() }
      answers[name] = script
      return first
    }
    guard let answer else { throw .notFound }
    return answer.compactMap { IPAddress($0) }
  }
}

/// A resolver that answers after an hour.
struct SilentResolver: HostResolver {
  var clock: ManualClock

  func addresses(of name: String) async throws(HostResolutionError) -> [IPAddress] {
    do throws(CancellationError) {
      try await clock.sleep(for: .seconds(3_600))
    } catch {
      throw .cancelled
    }
    throw .notFound
  }
}

/// A client with a clock that stands still, so that nothing ever takes too long unless a test says so.
final class OutboundSetting: Sendable {
  let clock = ManualClock()
  let resolver: ScriptedResolver
  let client: OutboundClient

  private init(
    _ answers: [String: [[String]]], allow: [String], apiServer: APIServerNames,
    services: (any ServiceDirectory)?
  ) {
    resolver = ScriptedResolver(answers)
    client = OutboundClient(
      allow: allow.compactMap { EgressPattern($0) }, apiServer: apiServer, services: services, resolver: resolver,
      clock: clock)
  }

  static func run(
    _ answers: [String: [[String]]] = [:], allow: [String] = [],
    apiServer: APIServerNames = APIServerNames(server: nil), services: (any ServiceDirectory)? = nil,
    _ body: (OutboundSetting) async throws -> Void
  ) async throws {
    let setting = OutboundSetting(answers, allow: allow, apiServer: apiServer, services: services)
    do {
      try await body(setting)
      await setting.client.shutdown()
    } catch {
      await setting.client.shutdown()
      throw error
    }
  }

  /// The error of a request that must fail.
  func failure(_ request: OutboundRequest) async -> OutboundError? {
    do throws(OutboundError) {
      _ = try await client.send(request)
      return nil
    } catch {
      return error
    }
  }

  /// The rule that refuses a request of a policy in namespace shop.
  func refusal(_ url: String) async throws -> EgressRefusal? {
    let request = OutboundRequest(url: try OutboundURL(url), origin: .policy(namespace: "shop"))
    guard case .refused(let refusal)? = await failure(request)?.code else { return nil }
    return refusal
  }
}

extension OutboundRequest {
  /// A request of the operator's own configuration to a server on a loopback port.
  init(
    _ server: OutboundTestServer, _ path: String, scheme: String = "http", host: String = "127.0.0.1",
    method: Method = .get, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    timeout: Duration = .seconds(10), tls: OutboundTLS? = nil
  ) throws {
    self.init(
      url: try OutboundURL("\(scheme)://\(host):\(server.port)\(path)"), origin: .administrator, method: method,
      headers: headers, body: body, timeout: timeout, tls: tls)
  }
}
