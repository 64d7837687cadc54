import FoundationEssentials
package import KubernetesClient
import RollbackOperator

/// What every command works with: the user's way to the API server, a namespace, and a place to write to.
package struct Session: Sendable {
  package var client: KubernetesClient
  package var namespace: String
  /// Whether `-A` was given.
  package var isAllNamespaces: Bool
  /// Where the operator runs, and where a freeze is kept.
  package var operatorNamespace: String
  package var console: Console
  package var format: OutputFormat
  /// Who the user is by the kubeconfig, for API servers that cannot say it; see ``requester()``.
  package var presumedUser: String?

  /// The namespace of `manifests/`.
  package static let usualOperatorNamespace = "rollback-operator-system"

  package init(
    client: KubernetesClient, namespace: String, isAllNamespaces: Bool = false,
    operatorNamespace: String = Session.usualOperatorNamespace, console: Console, format: OutputFormat = .table,
    presumedUser: String? = nil
  ) {
    self.client = client
    self.namespace = namespace
    self.isAllNamespaces = isAllNamespaces
    self.operatorNamespace = operatorNamespace
    self.console = console
    self.format = format
    self.presumedUser = presumedUser
  }

  /// The API server's time, so that ages are right on a machine whose clock is not.
  var now: Date { client.serverClock.wallTime }

  /// The namespace that lists are limited to; `nil` for all.
  var scope: String? { isAllNamespaces ? nil : namespace }

  // MARK: Reading

  /// An object that must be there.
  ///
  /// - Throws: a sentence that says where it was looked for.
  func read(_ reference: ObjectReference) async throws -> JSONValue {
    guard let value = try await find(reference) else {
      throw CommandFailure.error("There is no \(reference) in namespace \(namespace); name another one, or give -n.")
    }
    return value
  }

  /// An object, if it is there.
  func find(_ reference: ObjectReference) async throws -> JSONValue? {
    let resource = Self.resource(of: reference.kind)
    do throws(KubernetesError) {
      return try await client.getValue(resource, namespace: namespace, name: reference.name)
    } catch {
      guard error.code == .notFound else { throw explained(error) }
      return nil
    }
  }

  func policies() async throws -> [PolicyItem] {
    try await list(.rollbackPolicies).map { PolicyItem($0) }
  }

  /// The RollbackEvents of the scope, oldest first.
  func events(of target: String? = nil) async throws -> [EventItem] {
    try await list(.rollbackEvents).map { EventItem($0) }
      .filter { target == nil || $0.target == target }
      .sorted { ($0.created ?? .distantPast, $0.name) < ($1.created ?? .distantPast, $1.name) }
  }

  private func list(_ resource: APIResource) async throws -> [JSONValue] {
    do throws(KubernetesError) {
      return try await client.listValues(resource, namespace: scope).map { item in
        // The members of a list may come without their own kind.
        guard item["kind"] == nil, let members = item.object else { return item }
        let kind: JSONObject = ["apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind)]
        return .object(JSONObject(Array(kind) + Array(members)))
      }
    } catch {
      throw explained(error)
    }
  }

  static func resource(of kind: ObjectReference.Kind?) -> APIResource {
    switch kind {
    case .deployment: .deployments
    case .event: .rollbackEvents
    case .policy, nil: .rollbackPolicies
    }
  }

  // MARK: Refusals

  /// An error of the API server, with what to do about it where that is known. What the server refused is a refusal.
  func explained(_ error: KubernetesError) -> CommandFailure {
    switch error.code {
    case .forbidden, .invalid, .conflict: .refused("\(error)")
    case .notServed:
      .error("\(error). Is the operator installed in this cluster? `kubectl apply -k manifests` installs its kinds.")
    default: .error("\(error)")
    }
  }

  /// Runs a request and explains its failure.
  func asking<Answer>(_ request: () async throws(KubernetesError) -> Answer) async throws -> Answer {
    do throws(KubernetesError) {
      return try await request()
    } catch {
      throw explained(error)
    }
  }

  /// - Throws: when there is nothing but spaces.
  static func reason(_ text: String) throws(CommandFailure) -> String {
    let trimmed = text.trimmed
    guard !trimmed.isEmpty else {
      throw .error("--reason is empty; say in a few words why, since it is what others will read about this.")
    }
    return trimmed
  }
}

extension String {
  /// Without spaces and line ends around it.
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
