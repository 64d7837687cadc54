import Synchronization

/// What is known of the templates of ReplicaSets that were read, by UID. A ReplicaSet's template never changes, so an
/// entry is true until the ReplicaSet is gone.
final class TemplateCache: Sendable {
  private let entries = Mutex<[String: TemplateFacts]>([:])

  subscript(uid: String) -> TemplateFacts? {
    get { entries.withLock { $0[uid] } }
    set { entries.withLock { $0[uid] = newValue } }
  }

  var count: Int { entries.withLock { $0.count } }
}
