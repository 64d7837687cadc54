/// Which revision to go back to (R3: known by ReplicaSet and template hash, never by number).
public enum TargetChoice: Sendable, Hashable {
  case revision(Revision, reason: String)
  case none(reason: String)

  public var revision: Revision? {
    if case .revision(let revision, _) = self { return revision }
    return nil
  }

  public var reason: String {
    switch self {
    case .revision(_, let reason), .none(let reason): reason
    }
  }
}

extension RevisionBook {
  /// The newest good version before the suspect; if none has ever been proven good, the revision before the suspect,
  /// unless the policy wants none.
  ///
  /// - Parameter isUsable: whether a revision could run now, for example because the ConfigMaps it names still exist;
  ///   returns the reason when not.
  public func choose(
    insteadOf suspect: Revision, _ lastGood: PolicySpec.LastGood, isUsable: (Revision) -> String? = { _ in nil }
  ) -> TargetChoice {
    let earlier = revisions.filter { $0.number < suspect.number && !$0.isBeingDeleted }
      .sorted { $0.number > $1.number }
      .prefix(max(1, lastGood.maxRevisionsBack))
    let candidates = earlier.filter { !$0.isSameVersion(as: suspect) && !isBad($0) }
    var refusals: [String] = []
    for good in candidates where isGood(good) {
      guard let refusal = isUsable(good) else {
        return .revision(good, reason: "\(good.reference.description) is the newest revision proven good")
      }
      refusals.append("\(good.reference.description): \(refusal)")
    }
    let refused = refusals.isEmpty ? "" : " (\(refusals.joined(separator: "; ")))"
    if revisions.contains(where: { isGood($0) && $0.uid != suspect.uid }) {
      return .none(
        reason: "no revision proven good before \(suspect.reference.description) can be returned to" + refused)
    }
    switch lastGood.fallback {
    case .none:
      return .none(reason: "no revision has ever been proven good and lastGood.fallback is None")
    case .previous:
      for previous in candidates {
        guard let refusal = isUsable(previous) else {
          return .revision(
            previous,
            reason: "no revision has ever been proven good; \(previous.reference.description) is the one before")
        }
        refusals.append("\(previous.reference.description): \(refusal)")
      }
      let all = refusals.isEmpty ? "" : " (\(refusals.joined(separator: "; ")))"
      return .none(reason: "there is no earlier revision to return to" + all)
    }
  }
}
