import FoundationEssentials
import KubernetesClient
import RollbackCore

/// What one trigger says now, and what would be done if it were breached now: by what the API server holds, in the
/// order in which the operator asks. The operator's own checks of the limits come on top; they stand in the policy's
/// condition `Held`.
struct Prospect {
  var trigger: TriggerItem
  var policy: PolicyItem
  var workload: Workload
  var freeze: FreezeState?
  var now: Date

  private var target: TargetItem? { policy.target(named: workload.name) }

  var reading: String {
    let start = "Trigger \(trigger.name) (\(trigger.severity))"
    guard let reading = target?.reading(of: trigger.name) else {
      return "\(start) " + (rest.map { "is not read now, because \($0)." } ?? "has not been read yet.")
    }
    var text = "\(start) is \(reading["state"]?.string ?? "unknown")"
    if let since = reading["since"]?.string.flatMap(Timestamp.date) {
      text += " since \(Timestamp.seconds(since)) (\(Age.relative(since, to: now)))"
    }
    if let value = reading["value"]?.displayed { text += ": it read \(value)" }
    if let threshold = reading["threshold"]?.displayed { text += ", the threshold is \(threshold)" }
    if let message = reading["message"]?.string, !message.isEmpty { text += ". \(message)" }
    return text.hasSuffix(".") ? text : text + "."
  }

  /// Whether there is more to say than why it is not read.
  var isRead: Bool { rest == nil || target?.reading(of: trigger.name) != nil }

  var consequence: String { rest.map { "nothing, because \($0)." } ?? held ?? response }

  /// Why it would not count at all.
  private var rest: String? {
    if policy.isSuspended { return "the policy is suspended" }
    if policy.state == "Invalid" { return "the policy is invalid; mend it first" }
    guard !trigger.isAlways, !isOnTrial else { return nil }
    return "no revision is on trial; the next rollout begins a new trial"
  }

  private var isOnTrial: Bool { target?.trialEndsAt.map { $0 > now } ?? false }

  /// Why it would be written down and not acted upon.
  private var held: String? {
    if policy.mode == "Observe" {
      return "an event would record it with outcome Observed; mode Observe changes nothing."
    }
    if response(to: trigger.severity) == "Notify" {
      return "it would be told and nothing be changed (respond: Notify)."
    }
    if let hold = workload.hold {
      return "it would be held, because Deployment \(workload.name) is: \(hold). "
        + "`kubectl rollback release deploy/\(workload.name)` ends that."
    }
    if let hold = policy.hold {
      return "it would be held, because policy \(policy.name) is: \(hold). "
        + "`kubectl rollback release policy/\(policy.name)` ends that."
    }
    if let freeze, freeze.isActive(at: now), !freeze.allows(trigger.severity) {
      return "it would be held by the freeze. \(freeze.sentence(at: now))"
    }
    if workload.isPaused {
      return "it would be held, because the Deployment is paused; "
        + "`kubectl rollout resume deployment/\(workload.name)` ends that."
    }
    if let current = workload.current, workload.book.isBad(current.revision) {
      return "it would be held, because \(current.revision.reference.description) was rolled back before; "
        + "`kubectl rollback forgive deploy/\(workload.name)` takes that back."
    }
    if let condition = policy.condition("Held"), condition.isTrue { return "it would be held: \(condition.message)." }
    return nil
  }

  private var response: String {
    guard isOnTrial else {
      return "an event would tell it; no revision is on trial, so no rollout would be to blame and none be undone."
    }
    let delay = trigger.value["for"]?.displayed.flatMap { $0 == "0s" ? nil : "after \($0) of it, " } ?? ""
    guard let choice = workload.choice(under: policy), let revision = choice.revision else {
      let reason = workload.choice(under: policy)?.reason ?? "the newest template has no revision yet"
      return "\(delay)an event would say that there is nothing to return to: \(reason)."
    }
    let undo = "return to \(revision.reference.description), because \(choice.reason)"
    let response = policy.mode == "Approve" ? "Ask" : response(to: trigger.severity)
    switch response {
    case "Ask": return "\(delay)it would wait for `kubectl rollback approve`, and then \(undo)."
    case "Schedule": return "\(delay)at the time of its schedule it would \(undo)."
    default: return "\(delay)it would at once \(undo)."
    }
  }

  /// The row of the decision matrix, or else the default one.
  private func response(to severity: String) -> String {
    let rows = policy.value.at("/spec/decisions")?.array ?? []
    if let own = rows.first(where: { $0["severity"]?.string == severity })?["respond"]?.string { return own }
    switch severity {
    case "Medium": return "Ask"
    case "Low": return "Notify"
    default: return "Act"
    }
  }
}
