import FoundationEssentials
import KubernetesClient

/// The ConfigMap that holds all writes of the operator while it is there.
struct FreezeState: ObjectTree {
  static let name = "rollback-operator-freeze"

  var value: JSONValue

  /// Until when; `nil` until somebody ends it.
  var until: Date? { text("/data/until").flatMap(Timestamp.date) }
  var reason: String { text("/data/reason") ?? "" }
  /// Breaches of this severity and of more severe ones are acted on nevertheless.
  var allowed: String? { text("/data/allow").flatMap { Self.severities.contains($0) ? $0 : nil } }

  /// From the gravest on.
  static let severities = ["Critical", "High", "Medium", "Low"]

  /// Whether a breach of a severity is acted on nevertheless.
  func allows(_ severity: String) -> Bool {
    guard let allowed, let least = Self.severities.firstIndex(of: allowed),
      let asked = Self.severities.firstIndex(of: severity)
    else { return false }
    return asked <= least
  }

  /// An `until` that is no time does not end the freeze.
  func isActive(at now: Date) -> Bool { until.map { $0 > now } ?? true }

  func sentence(at now: Date) -> String {
    var text = isActive(at: now) ? "Frozen" : "The freeze is over"
    if let by = annotation(Mark.frozenBy) { text += " by \(by)" }
    if let until {
      text += " \(isActive(at: now) ? "until" : "since") \(Timestamp.seconds(until)) (\(Age.relative(until, to: now)))"
    } else if let written = self.text("/data/until"), !written.isEmpty {
      text += " with no end: \"\(written)\" is no time such as 2026-01-31T18:00:00Z"
    } else {
      text += " until `kubectl rollback freeze off`"
    }
    if !reason.isEmpty { text += ": \(reason)" }
    guard isActive(at: now) else { return text }
    let exception =
      allowed.map { ", but for breaches of severity \($0)\($0 == "Critical" ? "" : " and more severe ones")" } ?? ""
    return "\(text)\nThe operator changes nothing\(exception)."
  }
}

extension Session {
  /// The freeze, if there is one.
  func freeze() async throws(KubernetesError) -> FreezeState? {
    do throws(KubernetesError) {
      return FreezeState(
        value: try await client.getValue(.configMaps, namespace: operatorNamespace, name: FreezeState.name))
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
  }
}
