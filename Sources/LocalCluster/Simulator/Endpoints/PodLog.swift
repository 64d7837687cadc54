import FoundationEssentials
import KubernetesClient

/// What a simulated container has written: `started`, then the lines of its annotation in every second of its run.
///
/// As with a kubelet, it is the log of one run, and what is older than ten minutes is gone.
struct PodLog {
  struct Line: Equatable {
    var at: Date
    var text: String
  }

  private(set) var lines: [Line] = []

  static let kept: TimeInterval = 600

  /// - Parameter previous: whether the run before is meant.
  /// - Returns: `nil` when there was no such run.
  init?(of pod: PodTelemetry, container: String, previous: Bool, at now: Date) {
    let isFirst = pod.pod.spec.containers.first?.name == container
    let run: (startedAt: Date, finishedAt: Date)
    if !isFirst {
      guard !previous else { return nil }
      run = (pod.timeline.start, now)
    } else {
      switch pod.moment.state {
      case .running(let since) where !previous: run = (since, now)
      case .terminated(let startedAt, let finishedAt) where !previous: run = (startedAt, finishedAt)
      case .running, .terminated, .waiting:
        guard let lastRun = pod.moment.lastRun else { return nil }
        run = lastRun
      }
    }
    let oldest = now - Self.kept
    if run.startedAt >= oldest { lines.append(Line(at: run.startedAt, text: "started")) }
    guard isFirst, let texts = pod.timeline.behaviour.signals?.logLines, !texts.isEmpty else { return }
    let from = max(run.startedAt, pod.timeline.signalsTurn)
    var second = max(0, oldest.timeIntervalSince(from).rounded(.up))
    while from + second < run.finishedAt {
      lines += texts.map { Line(at: from + second, text: $0) }
      second += 1
    }
  }

  /// The text that a request for `pods/log` gets, which may ask for the end only, for times, and for so many bytes.
  func text(_ query: [String: String], at now: Date) -> String {
    var chosen = lines[...]
    if let since = query["sinceSeconds"].flatMap({ Double($0) }).map({ now - $0 })
      ?? query["sinceTime"].flatMap(Timestamp.date)
    {
      chosen = chosen.drop { $0.at < since }
    }
    if let tail = query["tailLines"].flatMap({ Int($0) }) { chosen = chosen.suffix(max(0, tail)) }
    let hasTimes = query["timestamps"] == "true"
    let text = chosen.map { (hasTimes ? Timestamp.micros($0.at) + " " : "") + $0.text + "\n" }.joined()
    guard let limit = query["limitBytes"].flatMap({ Int($0) }), limit < text.utf8.count else { return text }
    return String(decoding: text.utf8.prefix(max(0, limit)), as: UTF8.self)
  }
}
