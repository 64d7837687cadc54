import ControllerRuntime
import RollbackCore

extension OperatorMetrics {
  /// Counts an event's transitions once each, from the journal entry that was just written over `before`.
  func journalled(_ event: EventObject, before: EventStatus) {
    let status = event.status
    if before.detectedAfter == nil, let detected = status.detectedAfter { phaseEnded(.detect, after: detected) }
    if before.actedAfter == nil, let acted = status.actedAfter {
      phaseEnded(.act, after: Self.difference(acted, status.detectedAfter))
    }
    guard let outcome = status.outcome, outcome != before.outcome else { return }
    guard outcome != .held else { return rollbackHeld(reason: status.conditions?["Succeeded"]?.reason ?? "") }
    rollbackEnded(
      outcome, severity: event.spec.trigger?.severity, action: status.steps?.first?.step ?? "none")
    guard outcome == .recovered, let recovered = status.recoveredAfter else { return }
    phaseEnded(.verify, after: Self.difference(recovered, status.actedAfter))
    self.recovered(after: recovered)
  }

  private static func difference(_ later: PolicyDuration, _ earlier: PolicyDuration?) -> PolicyDuration {
    PolicyDuration(milliseconds: max(0, later.milliseconds - (earlier?.milliseconds ?? 0)))
  }
}
