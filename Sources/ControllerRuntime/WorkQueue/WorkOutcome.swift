/// What became of one run of a handler for one key.
public enum WorkOutcome: Sendable {
  /// Nothing more to do until somebody adds the key again. Timers set by ``WorkQueue/add(_:_:after:)`` stay.
  case settled

  /// What the key stands for is gone: as ``settled``, and a timer that was set before the run began goes too, so that
  /// nothing is kept of the key.
  case gone

  /// The key is to be run again after this time, also when nobody adds it.
  ///
  /// The outcome is the newest knowledge about the key: it replaces a timer that was set before the run began,
  /// earlier or later. A delayed add made while the run was under way is not replaced: the earlier of both wins.
  case again(after: Duration, lane: Lane = .evaluate)

  /// The run failed; it is repeated in the lane it ran in after the key's exponential back-off.
  case failed(any Error)
}
