/// A revision of a workload as journals and statuses name it.
public struct RevisionReference: Hashable, Sendable, Codable {
  /// The revision number at the time of writing. Numbers move when a revision is rolled back to: for people, never for
  /// decisions.
  public var revision: Int64?
  /// The ReplicaSet's `pod-template-hash`, which stays.
  public var hash: String?
  /// The images of the template's containers, in order.
  public var images: [String]?

  public init(revision: Int64? = nil, hash: String? = nil, images: [String]? = nil) {
    self.revision = revision
    self.hash = hash
    self.images = images
  }

  /// `revision 3 (6d5f8c9b7d)`.
  public var description: String {
    switch (revision, hash) {
    case (let revision?, let hash?): "revision \(revision) (\(hash))"
    case (let revision?, nil): "revision \(revision)"
    case (nil, let hash?): "template \(hash)"
    case (nil, nil): "an unknown revision"
    }
  }
}
