package import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator

/// `kubectl rollback freeze [on|off]`
package enum FreezeVerb: Sendable {
  case show
  case on(until: String?, reason: String?, allow: String?)
  case off

  package func run(_ session: Session) async throws -> CommandStatus {
    switch self {
    case .show: return try await show(session)
    case .on(let until, let reason, let allow):
      return try await set(until: until, reason: reason, allow: allow, session)
    case .off: return try await remove(session)
    }
  }

  private func show(_ session: Session) async throws -> CommandStatus {
    let freeze = try await session.asking { () async throws(KubernetesError) in try await session.freeze() }
    guard let freeze else {
      session.console.line("There is no freeze: the operator acts on breaches.")
      return .done
    }
    if session.format.isDocument {
      try session.console.document([freeze.value], isList: false, as: session.format)
    } else {
      session.console.line(freeze.sentence(at: session.now))
    }
    return .done
  }

  private func set(
    until: String?, reason: String?, allow: String?, _ session: Session
  ) async throws -> CommandStatus {
    let end = try until.map { text throws(CommandFailure) in try Self.moment(text, now: session.now) }
    if let allow, !FreezeState.severities.contains(allow) {
      throw CommandFailure.error("--allow \(allow) is no severity; write Critical, High, Medium or Low.")
    }
    let by = try await session.requester()
    // What an older freeze said and this one does not is removed: null removes.
    let data: JSONValue = [
      "until": end.map { .string(Timestamp.seconds($0)) } ?? .null,
      "reason": reason.map { .string($0.trimmed) } ?? .null,
      "allow": allow.map { .string($0) } ?? .null,
    ]
    let metadata: JSONValue = [
      "name": .string(FreezeState.name), "labels": ["app.kubernetes.io/name": "rollback-operator"],
      "annotations": [Mark.frozenBy: .string(by)],
    ]
    let written = try await session.asking { () async throws(KubernetesError) in
      do throws(KubernetesError) {
        return try await session.client.patch(
          .configMaps, namespace: session.operatorNamespace, name: FreezeState.name,
          .merge(["metadata": metadata, "data": data]))
      } catch {
        guard error.code == .notFound else { throw error }
        let given = JSONObject((data.object ?? JSONObject()).filter { !$0.value.isNull })
        return try await session.client.create(
          .configMaps, namespace: session.operatorNamespace,
          ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": .object(given)])
      }
    }
    session.console.line(FreezeState(value: written).sentence(at: session.now))
    await warnOfEmptyNamespace(session)
    return .done
  }

  /// A freeze beside the operator's namespace holds nothing, and looks as if it did.
  private func warnOfEmptyNamespace(_ session: Session) async {
    do throws(KubernetesError) {
      let isThere = try await session.client.exists(
        .leases, namespace: session.operatorNamespace, name: Operator.leaseName)
      guard !isThere else { return }
      session.console.remark(
        "No operator has ever led in namespace \(session.operatorNamespace). If it runs in another one, this freeze has "
          + "no effect: give --operator-namespace.")
    } catch {
      // Who may freeze need not be allowed to read Leases.
    }
  }

  private func remove(_ session: Session) async throws -> CommandStatus {
    do throws(KubernetesError) {
      try await session.client.delete(.configMaps, namespace: session.operatorNamespace, name: FreezeState.name)
      session.console.line("The freeze is over: the operator acts on breaches again.")
    } catch {
      guard error.code == .notFound else { throw session.explained(error) }
      session.console.line("There was no freeze: the operator acts on breaches.")
    }
    return .done
  }

  /// The moment that `--until` means: an RFC 3339 time, or a duration from now on such as `2h` or `3d`.
  ///
  /// - Throws: also for a moment that is past.
  package static func moment(_ text: String, now: Date) throws(CommandFailure) -> Date {
    let days = text.hasSuffix("d") ? Int(text.dropLast()).flatMap { (1...365).contains($0) ? $0 : nil } : nil
    let length = days.map { Double($0) * 86_400 } ?? PolicyDuration(text)?.timeInterval
    guard let moment = length.map({ now.addingTimeInterval($0) }) ?? Timestamp.date(text) else {
      throw .error("--until \(text) is neither a time such as 2026-01-31T18:00:00Z nor a duration such as 90m or 3d.")
    }
    guard moment > now else { throw .error("--until \(text) is in the past; it is \(Timestamp.seconds(now)) now.") }
    return moment
  }
}
