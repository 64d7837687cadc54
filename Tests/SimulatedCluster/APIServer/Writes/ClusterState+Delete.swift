import FoundationEssentials
import KubernetesClient

/// What the body of a deletion says.
struct DeletionOptions {
  var uid: String?
  var resourceVersion: String?
  var propagation: PropagationPolicy?
  var gracePeriodSeconds: Int64?
  var isDryRun = false

  init() {}

  init(_ body: JSONValue) {
    uid = body["preconditions"]?["uid"]?.string
    resourceVersion = body["preconditions"]?["resourceVersion"]?.string
    propagation = body["propagationPolicy"]?.string.flatMap(PropagationPolicy.init(rawValue:))
    if body["orphanDependents"]?.bool == true { propagation = .orphan }
    gracePeriodSeconds = body["gracePeriodSeconds"]?.int64
    isDryRun = body["dryRun"]?.array?.first?.string == "All"
  }
}

extension ClusterState {
  /// What became of a deletion.
  enum Deletion {
    case gone(StoredObject)
    /// It stays for its finalizers or its grace period.
    case pending(StoredObject)
  }

  mutating func delete(
    _ kind: Int, _ namespace: String?, _ name: String, _ options: DeletionOptions, _ write: Write
  ) throws(Refusal) -> Deletion {
    let served = kinds[kind]
    guard let old = tables[kind].object(ObjectTable.key(namespace, name)) else { throw .notFound(served, name) }
    if let uid = options.uid, uid != old.uid {
      throw .conflict(
        served, name,
        "the UID in the precondition (\(uid)) does not match the UID in record (\(old.uid)). The object might have been "
          + "deleted and then recreated")
    }
    if let version = options.resourceVersion, UInt64(version) != old.resourceVersion {
      throw .conflict(
        served, name,
        "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
          + "(\(old.resourceVersion)). The object might have been modified")
    }
    // What waits for its grace period can only be told to hurry.
    if served.rules.announcesDeletion, let held = old.value["metadata"]?["deletionGracePeriodSeconds"]?.int64,
      held > 0, options.gracePeriodSeconds ?? held >= held
    {
      return .pending(old)
    }
    var object = old.value
    var finalizers = (object["metadata"]?["finalizers"]?.array ?? []).compactMap(\.string)
    // Without a word about it, what was asked for before stays.
    if let propagation = options.propagation, !served.ignoresPropagation {
      finalizers.removeAll { $0 == "orphan" || $0 == "foregroundDeletion" }
      if propagation == .foreground { finalizers.append("foregroundDeletion") }
      if propagation == .orphan { finalizers.append("orphan") }
    }
    object["metadata"]?["finalizers"] = finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) })
    let grace = served.rules.gracePeriod(object, wanted: options.gracePeriodSeconds)
    let holdsNamespace = served.resource == .namespaces
    if finalizers.isEmpty, grace == 0, !holdsNamespace {
      return .gone(remove(object, old, kind, write, isDryRun: options.isDryRun || write.isDryRun))
    }
    markDeleted(&object, grace: grace)
    if holdsNamespace { object["status"] = ["phase": "Terminating"] }
    if options.isDryRun || write.isDryRun || object == old.value {
      return .pending(
        StoredObject(object, resourceVersion: old.resourceVersion, namespace: namespace, name: name))
    }
    return .pending(commit(.modified, kind, old: old, value: object, user: write.user))
  }

  private mutating func remove(
    _ value: JSONValue, _ old: StoredObject, _ kind: Int, _ write: Write, isDryRun: Bool
  ) -> StoredObject {
    var object = value
    markDeleted(&object, grace: 0)
    let isTold = kinds[kind].rules.announcesDeletion
    if isTold, old.value["metadata"]?["deletionGracePeriodSeconds"]?.int64 == 0 {
      // It has been told before; only finalizers held it.
      if !isDryRun { commit(.deleted, kind, old: old, value: old.value, user: write.user) }
      return old
    }
    if isDryRun || !isTold {
      if !isDryRun { commit(.deleted, kind, old: old, value: old.value, user: write.user) }
      return StoredObject(object, resourceVersion: old.resourceVersion, namespace: old.namespace, name: old.name)
    }
    let last = object == old.value ? old : commit(.modified, kind, old: old, value: object, user: write.user)
    commit(.deleted, kind, old: last, value: last.value, user: write.user)
    return last
  }

  private func markDeleted(_ object: inout JSONValue, grace: Int64) {
    let metadata = object["metadata"]
    if metadata?["deletionTimestamp"] == nil {
      object["metadata"]?["deletionTimestamp"] = .string(Timestamp.seconds(now().addingTimeInterval(Double(grace))))
      object["metadata"]?["deletionGracePeriodSeconds"] = JSONValue(grace)
      if let generation = metadata?["generation"]?.int64 {
        object["metadata"]?["generation"] = JSONValue(generation + 1)
      }
    } else if let held = metadata?["deletionGracePeriodSeconds"]?.int64, grace < held {
      object["metadata"]?["deletionGracePeriodSeconds"] = JSONValue(grace)
    }
  }
}
