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
    lines += moments.map { "\($0.at.map(Timestamp.seconds) ?? "at an unknown time")  \($0.what)" }
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

  /// The timeline, the steps, the checks and the decision, each at its time; of the same time in this order.
  private var moments: [(at: Date?, what: String)] {
    var all = event.timeline
    if let approval { all.append((event.date("/spec/approval/at"), approval)) }
    for entry in event.value.at("/status/steps")?.array ?? [] {
      let at = entry["finishedAt"]?.string ?? entry["startedAt"]?.string
      all.append((at.flatMap(Timestamp.date), step(entry)))
    }
    for entry in event.value.at("/status/verification")?.array ?? [] {
      all.append((entry["at"]?.string.flatMap(Timestamp.date), check(entry)))
    }
    return all.enumerated().sorted { one, other in
      let first = one.element.at ?? .distantFuture
      let second = other.element.at ?? .distantFuture
      return first == second ? one.offset < other.offset : first < second
    }.map(\.element)
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
    let reason = event.text("/spec/approval/reason").map { ": \($0)" } ?? ""
    return "\(by) decided \(decision)\(reason)"
  }

  /// How it ended, or what it waits for and what a person can do.
  private var ending: String {
    let why = event.explanation.map { ": \($0)" } ?? "."
    switch event.outcome {
    case nil where event.isAwaitingApproval:
      let asked = event.condition("Approved").map { $0.message.isEmpty ? why : ": \($0.message)" } ?? why
      // The operator says by itself how to answer, and until when.
      return "It waits for a decision\(asked)"
        + (asked.contains("rollback approve") ? "" : "\n\(EventStory.howToDecide(event.name))")
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
