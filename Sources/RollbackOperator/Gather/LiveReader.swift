import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore

/// A workload read from the API server just now, templates included: the only thing that changes are decided on (R6).
struct LiveWorkload: Sendable {
  var deployment: Deployment
  /// `spec.template` of the ReplicaSets without the controller's hash label, by UID.
  var templates: [String: JSONValue]
  /// The whole Deployment, for what must be compared or given back unchanged.
  var document: JSONValue
  var revisions: [Revision]
  /// The revision whose template is the Deployment's.
  var current: Revision?
  /// The ConfigMaps and Secrets that revisions need, by ReplicaSet UID.
  var references: [String: [TemplateFacts.Reference]] = [:]
  /// Why a revision could not run now, by ReplicaSet UID; filled only when asked for.
  var unusable: [String: String] = [:]
  /// The cluster-wide freeze at that moment; read only when asked for.
  var freeze: Freeze?

  /// Whether the ReplicaSets look as if they were those of another state of the Deployment: it runs what is not the
  /// newest revision, or what was rolled back.
  fileprivate var isDoubtful: Bool {
    guard let current, current.verdict != .bad else { return true }
    return revisions.contains { $0.number > current.number }
  }
}

struct LiveReader: Sendable {
  var client: KubernetesClient
  var cache: TemplateCache
  var freeze: FreezeReader
  /// Whether the watch knows a ReplicaSet; only then will it say when it is gone, so that its template is forgotten.
  var isWatched: @Sendable (ObjectMeta) -> Bool

  /// How often a reading whose Deployment changed meanwhile is made anew.
  private static let patience = 3

  /// Reads a Deployment and its ReplicaSets.
  ///
  /// These are two requests, and between them the Deployment may have changed: then what the ReplicaSets say of it, a
  /// verdict for instance, is not about what was read. Where they do not go together the Deployment is read again.
  ///
  /// - Parameters:
  ///   - uid: the Deployment that is meant; another one under its name counts as none. `nil`: whichever there is.
  ///   - checksReferences: whether to look for the ConfigMaps and Secrets that earlier revisions need.
  ///   - mayAct: whether something may be written for what is read, so that a freeze matters.
  /// - Returns: `nil` when there is no such Deployment.
  func read(
    _ name: NamespacedName, uid: String?, checksReferences: Bool, mayAct: Bool
  ) async throws(KubernetesError) -> LiveWorkload? {
    // First, so that nothing lies between the reading of the workload and what is decided on it.
    let frozen = mayAct ? try await freeze.read() : nil
    var reading = try await readOnce(name, uid: uid)
    for _ in 1..<Self.patience {
      guard let live = reading, live.isDoubtful, try await hasChanged(live) else { break }
      reading = try await readOnce(name, uid: uid)
    }
    guard var live = reading else { return nil }
    live.freeze = frozen
    if checksReferences { live.unusable = try await missing(live, in: name.namespace) }
    return live
  }

  private func readOnce(_ name: NamespacedName, uid: String?) async throws(KubernetesError) -> LiveWorkload? {
    guard let document = try await document(name) else { return nil }
    let deployment: Deployment = try Self.decode(document, "GET deployments/\(name.name)")
    guard uid == nil || deployment.metadata.uid == uid else { return nil }
    let items = try await client.listValues(
      .replicaSets, namespace: name.namespace,
      options: ListOptions(labelSelector: deployment.spec.selector.queryValue))
    var live = LiveWorkload(deployment: deployment, templates: [:], document: document, revisions: [])
    let own = TemplateFacts(document.at("/spec/template") ?? .null).exact
    for item in items {
      let metadata: ReplicaSetMetadata = try Self.decode(item, "LIST replicasets")
      guard metadata.controllerUID == deployment.metadata.uid, let template = item.at("/spec/template") else {
        continue
      }
      let facts = TemplateFacts(template)
      cache[metadata.metadata.uid] = facts
      if !isWatched(metadata.metadata) { cache[metadata.metadata.uid] = nil }
      guard let revision = Revision(metadata.metadata, template: facts) else { continue }
      live.templates[revision.uid] = template.withoutHashLabel()
      live.revisions.append(revision)
      live.references[revision.uid] = facts.references
      if facts.exact == own, !revision.isBeingDeleted { live.current = revision }
    }
    return live
  }

  private func document(_ name: NamespacedName) async throws(KubernetesError) -> JSONValue? {
    do throws(KubernetesError) {
      return try await client.getValue(.deployments, namespace: name.namespace, name: name.name)
    } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }

  private func hasChanged(_ live: LiveWorkload) async throws(KubernetesError) -> Bool {
    let then = live.deployment.metadata
    let now = try await document(then.namespacedName)
    return now?.at("/metadata/uid")?.string != then.uid || now?.at("/metadata/generation")?.int != Int(then.generation)
  }

  private func missing(
    _ live: LiveWorkload, in namespace: String
  ) async throws(KubernetesError) -> [String: String] {
    var exists: [TemplateFacts.Reference: Bool] = [:]
    var unusable: [String: String] = [:]
    for revision in live.revisions where revision.uid != live.current?.uid && revision.verdict != .bad {
      for reference in live.references[revision.uid] ?? [] {
        if exists[reference] == nil {
          exists[reference] = try await isThere(reference, in: namespace)
        }
        if exists[reference] == false {
          unusable[revision.uid] = "\(reference.resource.kind) \(reference.name), which it needs, does not exist"
          break
        }
      }
    }
    return unusable
  }

  private func isThere(
    _ reference: TemplateFacts.Reference, in namespace: String
  ) async throws(KubernetesError) -> Bool {
    do throws(KubernetesError) {
      return try await client.exists(reference.resource, namespace: namespace, name: reference.name)
    } catch {
      // Where the operator may not look, the API server will say so itself, or the pods will.
      if error.code == .forbidden { return true }
      throw error
    }
  }

  private static func decode<Object: KubernetesObject>(
    _ value: JSONValue, _ request: String
  ) throws(KubernetesError) -> Object {
    do {
      return try Object.decode(value.serialized())
    } catch {
      throw KubernetesError(
        .decoding, request: request, reason: "the answer is not a \(Object.resource.kind): \(error)")
    }
  }
}
