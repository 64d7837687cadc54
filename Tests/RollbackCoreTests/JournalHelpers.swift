import RollbackCore
import TestSupport
import Testing

/// The status that the machine wants written, or an issue.
func journal(_ effect: Effect, _ location: SourceLocation = #_sourceLocation) -> EventStatus {
  guard case .journal(let status, _) = effect else {
    Issue.record("expected a journal entry, not \(effect)", sourceLocation: location)
    return EventStatus()
  }
  return status
}

extension RollbackRecord {
  /// A proven breach whose plan is written: the undo is the next thing.
  static func planned() -> RollbackRecord {
    RollbackRecord.proven.with { $0.status = journal(RollbackMachine.next($0, .live)) }
  }
}
