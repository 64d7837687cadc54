public import FoundationEssentials
import Synchronization

/// How often each process asks the same of a source.
public final class QuestionLog: Sendable {
  /// Triggers of the scenarios are read every ten seconds; what is new is read at once, and there is more than one
  /// reason for something to be new.
  static let (most, window) = (8, 10.0)

  private struct Question: Hashable {
    var text: String
    var asker: String
  }

  private struct State {
    var times: [Question: [Date]] = [:]
    var complaint: String?
    var isTold = false
  }

  private let state = Mutex(State())

  public init() {}

  /// Takes down a question.
  ///
  /// - Parameter asker: one life of a process: after a start everything is asked for anew.
  public func note(_ text: String, by asker: String, at now: Date) {
    state.withLock { state in
      let question = Question(text: text, asker: asker)
      var times = (state.times[question] ?? []).filter { now.timeIntervalSince($0) < Self.window }
      times.append(now)
      state.times[question] = times
      guard times.count > Self.most, state.complaint == nil else { return }
      state.complaint = "\(asker) has asked \(times.count) times within \(Int(Self.window)) s for \(text)"
    }
  }

  /// Who has asked too often for the same; told once.
  func takeComplaint() -> String? {
    state.withLock { state in
      guard let complaint = state.complaint, !state.isTold else { return nil }
      state.isTold = true
      return complaint
    }
  }

  /// Lets all go.
  func forget() { state.withLock { $0.times = [:] } }
}
