import KubernetesClient

/// Who owns whom, and what is to be looked at by the garbage collector.
struct GarbageIndex {
  struct Member: Hashable {
    var kind: Int
    var key: String
  }

  private var dependents: [String: [Member]] = [:]
  private var living: [String: Member] = [:]
  private var terminatingNamespaces: [String: Member] = [:]
  /// Owners that are gone, and objects that may have no owner left.
  private(set) var pending: [Member] = []

  func isAlive(_ uid: String) -> Bool { living[uid] != nil }

  func dependents(of uid: String) -> [Member] { dependents[uid] ?? [] }

  mutating func note(_ event: ObjectTable.Event, kind: Int) {
    let member = Member(kind: kind, key: event.key)
    let before = event.old.map { Self.owners(of: $0.value) } ?? []
    let after = event.verb == .deleted ? [] : Self.owners(of: event.object.value)
    if before != after {
      for uid in before where !after.contains(uid) {
        dependents[uid]?.removeAll { $0 == member }
        if dependents[uid]?.isEmpty == true { dependents[uid] = nil }
      }
      for uid in after where !before.contains(uid) { dependents[uid, default: []].append(member) }
      if !after.isEmpty, after.contains(where: { living[$0] == nil }) { pending.append(member) }
    }
    switch event.verb {
    case .added: living[event.object.uid] = member
    case .deleted:
      living[event.object.uid] = nil
      pending += dependents[event.object.uid] ?? []
      // Owners in the foreground wait for the last of those they own.
      pending += before.compactMap { living[$0] }
      if let namespace = event.object.namespace, let holder = terminatingNamespaces[namespace] {
        pending.append(holder)
      }
      if event.object.namespace == nil { terminatingNamespaces[event.object.name] = nil }
    case .modified: break
    }
    guard event.verb != .deleted, event.object.value["metadata"]?["deletionTimestamp"] != nil else { return }
    pending.append(member)
    if event.object.value["kind"]?.string == "Namespace" { terminatingNamespaces[event.object.name] = member }
  }

  mutating func next() -> Member? { pending.isEmpty ? nil : pending.removeFirst() }

  static func owners(of object: JSONValue) -> [String] {
    (object["metadata"]?["ownerReferences"]?.array ?? []).compactMap { $0["uid"]?.string }
  }
}

extension ClusterState {
  private static let collector = "system:serviceaccount:kube-system:generic-garbage-collector"
  private static let namespaceController = "system:serviceaccount:kube-system:namespace-controller"

  /// Does what the garbage collector and the namespace controller would do by and by.
  mutating func collectGarbage() {
    while let member = garbage.next() {
      guard let object = tables[member.kind].object(member.key) else { continue }
      if object.value["metadata"]?["deletionTimestamp"] != nil {
        finish(object, member)
      } else {
        dropDeadOwners(object, member)
      }
    }
  }

  private mutating func dropDeadOwners(_ object: StoredObject, _ member: GarbageIndex.Member) {
    let references = object.value["metadata"]?["ownerReferences"]?.array ?? []
    let living = references.filter { reference in
      garbage.isAlive(reference["uid"]?.string ?? "") || !isServed(reference)
    }
    guard !references.isEmpty, living.count < references.count else { return }
    let write = Write(user: Self.collector)
    if living.isEmpty {
      var options = DeletionOptions()
      options.propagation = .background
      _ = try? delete(member.kind, object.namespace, object.name, options, write)
    } else {
      var value = object.value
      value["metadata"]?["ownerReferences"] = .array(living)
      _ = try? store(value, over: object, member.kind, write)
    }
  }

  /// Owners of kinds that are not served here cannot be looked for.
  private func isServed(_ reference: JSONValue) -> Bool {
    kinds.contains {
      $0.resource.kind == reference["kind"]?.string && $0.resource.apiVersion == reference["apiVersion"]?.string
    }
  }

  private mutating func finish(_ object: StoredObject, _ member: GarbageIndex.Member) {
    if kinds[member.kind].resource == .namespaces {
      finishNamespace(object, member)
      return
    }
    let finalizers = (object.value["metadata"]?["finalizers"]?.array ?? []).compactMap(\.string)
    if finalizers.contains("orphan") { release(object, member, "orphan") { $0.orphanDependents(of: object.uid) } }
    if finalizers.contains("foregroundDeletion") {
      release(object, member, "foregroundDeletion") { $0.deleteDependents(of: object.uid) }
    }
  }

  private mutating func release(
    _ object: StoredObject, _ member: GarbageIndex.Member, _ finalizer: String, _ act: (inout ClusterState) -> Bool
  ) {
    guard act(&self), let now = tables[member.kind].object(member.key) else { return }
    var value = now.value
    let rest = (value["metadata"]?["finalizers"]?.array ?? []).filter { $0.string != finalizer }
    value["metadata"]?["finalizers"] = rest.isEmpty ? nil : .array(rest)
    _ = try? store(value, over: now, member.kind, Write(user: Self.collector))
  }

  private mutating func orphanDependents(of uid: String) -> Bool {
    for member in garbage.dependents(of: uid) {
      guard let object = tables[member.kind].object(member.key) else { continue }
      var value = object.value
      let rest = (value["metadata"]?["ownerReferences"]?.array ?? []).filter { $0["uid"]?.string != uid }
      value["metadata"]?["ownerReferences"] = rest.isEmpty ? nil : .array(rest)
      _ = try? store(value, over: object, member.kind, Write(user: Self.collector))
    }
    return true
  }

  /// - Returns: whether all that block the owner are gone.
  private mutating func deleteDependents(of uid: String) -> Bool {
    var options = DeletionOptions()
    options.propagation = .foreground
    for member in garbage.dependents(of: uid) {
      guard let object = tables[member.kind].object(member.key),
        object.value["metadata"]?["deletionTimestamp"] == nil
      else { continue }
      _ = try? delete(member.kind, object.namespace, object.name, options, Write(user: Self.collector))
      collectGarbage()
    }
    return garbage.dependents(of: uid).isEmpty
  }

  private mutating func finishNamespace(_ namespace: StoredObject, _ member: GarbageIndex.Member) {
    let write = Write(user: Self.namespaceController)
    var isEmpty = true
    for kind in kinds.indices where kinds[kind].resource.isNamespaced {
      for key in tables[kind].keys(namespace: namespace.name, after: nil, everKnown: false) {
        guard let object = tables[kind].object(key) else { continue }
        _ = try? delete(kind, namespace.name, object.name, DeletionOptions(), write)
        if tables[kind].object(key) != nil { isEmpty = false }
      }
    }
    guard isEmpty, let now = tables[member.kind].object(member.key) else { return }
    commit(.deleted, member.kind, old: now, value: now.value, user: write.user)
  }
}
