import FoundationEssentials

/// An event that nobody closes is told to more and more people, as the row of its severity says.
extension RollbackMachine {
  /// With more entries nothing further is recorded: a policy may be edited as often as somebody likes.
  static let maximumNotifications = 128

  /// One stage of a row whose time has come or will come.
  private struct Stage {
    var after: PolicyDuration
    var at: Date
    /// Those who have not been noted for this moment.
    var channels: [String]
  }

  /// Instead of waiting past a stage it is recorded, each stage once; what changes something is never held up by it.
  static func escalated(_ record: RollbackRecord, _ seen: Observation, _ effect: Effect) -> Effect {
    guard case .wait(let until, let why) = effect, record.spec.origin == .trigger, seen.policy.spec?.suspend == false,
      let stage = nextStage(record, seen)
    else { return effect }
    guard stage.at <= seen.now else { return .wait(until: min(until ?? stage.at, stage.at), why) }
    var status = record.status
    status.notifications =
      (status.notifications ?? [])
      + stage.channels.map { EventStatus.Notification(channel: $0, at: stage.at, state: .due) }
    let message = "not closed \(stage.after) after it was opened: \(stage.channels.joined(separator: ", ")) to be told"
    status.note("escalated: \(message)", at: seen.now)
    return .journal(status, Announcement(reason: "RollbackEscalated", isWarning: true, message: message))
  }

  private static func nextStage(_ record: RollbackRecord, _ seen: Observation) -> Stage? {
    let noted = Set((record.status.notifications ?? []).map { Noted(channel: $0.channel, at: $0.at) })
    let stages = (record.judged(seen)?.rule.escalate ?? []).compactMap { escalation -> Stage? in
      let at = record.createdAt.addingTimeInterval(escalation.after.timeInterval).wholeSeconds
      let channels = escalation.notify.filter { !noted.contains(Noted(channel: $0, at: at)) }
      return channels.isEmpty ? nil : Stage(after: escalation.after, at: at, channels: channels)
    }
    guard let stage = stages.min(by: { $0.at < $1.at }),
      noted.count + stage.channels.count <= maximumNotifications
    else { return nil }
    return stage
  }

  private struct Noted: Hashable {
    var channel: String
    var at: Date
  }
}
