import FoundationEssentials
import KubernetesClient

/// What happened in one event and why, in sentences and in the order of time.
struct EventStory {
  var event: EventItem

  func print(to session: Session) {
    for sentence in sentences(at: session.now) { session.console.line(sentence) }
  }

  func sentences(at now: Date) -> [String] {
    var lines = [cause]
    if let since = event.date("/spec/trigger/since") {
      lines.append("The breach began at \(Timestamp.seconds(since)) (\(Age.relative(since, to: now))).")
    }
    lines += event.timeline.map { entry in
      "\(entry.at.map(Timestamp.seconds) ?? "at an unknown time")  \(entry.what)"
    }
    lines += (event.value.at("/status/steps")?.array ?? []).map(step)
    lines += (event.value.at("/status/verification")?.array ?? []).map(check)
    if let decision = approval { lines.append(decision) }
    lines.append(ending)
    if let durations { lines.append(durations) }
    return lines
  }

  /// Why there is an event.
  private var cause: String {
    if event.isManual {
      let who = event.text("/spec/requestedBy") ?? "Somebody"
      return "\(who) asked for a rollback of Deployment \(event.target): \(event.text("/spec/reason") ?? "")"
    }
    let trigger = event.trigger ?? "unknown"
    let severity = event.severity.map { " (\($0))" } ?? ""
    var text = "Trigger \(trigger)\(severity) of policy \(event.policy ?? "unknown") was breached by \(event.from) "
    text += "of Deployment \(event.target)"
    if let value = event.text("/spec/trigger/value") {
      text += ": it read \(value)"
      if let threshold = event.text("/spec/trigger/threshold") { text += ", the threshold is \(threshold)" }
    }
    if let message = event.text("/spec/trigger/message"), !message.isEmpty { text += ". It said: \(message)" }
    return text.hasSuffix(".") ? text : text + "."
  }

  private func step(_ step: JSONValue) -> String {
    let attempts = step["attempts"]?.int ?? 1
    let often = attempts > 1 ? " after \(attempts) attempts" : ""
    let said = step["message"]?.string.map { ": \($0)" } ?? ""
    let name = "Step \(step["step"]?.string ?? "?") on \(step["object"]?.string ?? "?")"
    return "\(name) is \(step["state"]?.string ?? "unknown")\(often)\(said)"
  }

  private func check(_ check: JSONValue) -> String {
    let passed = check["passed"]?.bool ?? false
    return "Check \(check["check"]?.string ?? "?") \(passed ? "passed" : "did not pass"): it read "
      + "\(check["value"]?.displayed ?? "nothing"), wanted is \(check["threshold"]?.displayed ?? "nothing")."
  }

  private var approval: String? {
    guard let decision = event.decision, let by = event.text("/spec/approval/by") else { return nil }
    let at = event.date("/spec/approval/at").map { " at \(Timestamp.seconds($0))" } ?? ""
    let reason = event.text("/spec/approval/reason").map { ": \($0)" } ?? ""
    return "\(by) decided \(decision)\(at)\(reason)"
  }

  /// How it ended, or what it waits for and what a person can do.
  private var ending: String {
    let why = event.explanation.map { ": \($0)" } ?? "."
    switch event.outcome {
    case nil where event.isAwaitingApproval:
      return "It waits for a decision\(why)\n\(EventStory.howToDecide(event.name))"
    case nil: return "It is still running\(why)"
    case "Held": return "It is held and nothing was changed\(why)\n\(EventStory.howToDecide(event.name))"
    case "Recovered": return "It ended as Recovered: \(event.to) runs, and what fired has cleared."
    case let outcome?: return "It ended as \(outcome)\(why)"
    }
  }

  static func howToDecide(_ name: String) -> String {
    "A person may say `kubectl rollback approve \(name) --reason …` or `kubectl rollback reject \(name) --reason …`."
  }

  private var durations: String? {
    let all = [("detected", "detectedAfter"), ("acted on", "actedAfter"), ("recovered", "recoveredAfter")]
    let known = all.compactMap { word, key in
      event.value["status"]?[key]?.displayed.map { "\(word) after \($0)" }
    }
    return known.isEmpty ? nil : "Counted from the start of the breach: \(known.joined(separator: ", "))."
  }
}

extension EventItem {
  /// Whether it has no end yet and says that a person has to decide.
  var isAwaitingApproval: Bool {
    outcome == nil && decision == nil && condition("Approved").map { $0.status != "True" } ?? false
  }
}
