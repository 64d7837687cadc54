import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import RollbackCore
import Synchronization

/// Counts the matching lines that the pods of a revision have written since they were last read.
///
/// A line is known by its own time, which its node gave it: none is counted twice, and none is missed while a container
/// runs. What a container wrote between the last reading and its end is lost with it.
final class LogsReader: Sendable {
  /// The most pods that are read; with more, the first by name stand for all.
  static let mostPods = 50
  /// The most bytes of all pods together in one reading. More is read with the next one, so that a flood counts as at
  /// least so much.
  static let mostBytes = 4 << 20
  /// What the search in one reading may cost, see ``LogPatternSearch``.
  static let mostSteps = 200_000_000
  private static let podsAtOnce = 8

  private struct Key: Hashable {
    var logs: LogsMeasurement
    var interval: PolicyDuration
  }

  /// How far the pods of a measurement have been read.
  private struct Progress {
    var pods: [String: LogPosition] = [:]
    var forgottenAt: Duration = .zero
  }

  private let client: KubernetesClient
  private let clock: any RuntimeClock
  private let progress = Mutex<[Key: Progress]>([:])

  init(client: KubernetesClient, clock: any RuntimeClock) {
    self.client = client
    self.clock = clock
  }

  /// Matching lines per second, of all pods together.
  func read(_ logs: LogsMeasurement, interval: PolicyDuration) async -> MeasurementResult {
    do throws(SampleProblem) {
      let outcome = try await count(logs, interval)
      return MeasurementResult(samples: [Sample(at: clock.wallTime, outcome)])
    } catch {
      return .failed(error.cause, at: clock.wallTime)
    }
  }

  private func count(_ logs: LogsMeasurement, _ interval: PolicyDuration) async throws(SampleProblem) -> Sample.Outcome
  {
    let pattern: LogPattern
    do throws(LogPatternError) {
      pattern = try LogPattern(logs.pattern)
    } catch {
      throw SampleProblem(cause: "\(error)")
    }
    let key = Key(logs: logs, interval: interval)
    let pods = try await list(logs)
    guard !pods.isEmpty else { return .noData("there is no pod of the revision") }
    let before = progress.withLock { $0[key]?.pods ?? [:] }
    let parts = try await parts(of: pods, logs, interval, before: before)
    var search = LogPatternSearch(pattern, steps: Self.mostSteps)
    var rate = 0.0
    var after: [String: LogPosition] = [:]
    for (uid, part) in parts {
      let count = part.lines.count { search.isFound(in: $0) }
      rate += Double(count) / max(part.seconds, 0.001)
      after[uid] = part.end
    }
    guard !search.isExhausted else {
      throw SampleProblem(
        cause: "looking for the pattern in this much log takes too long; write a simpler pattern, above all one with "
          + "fewer repetitions within repetitions")
    }
    // Only now: what could not be counted is read again.
    keep(after, key, interval)
    return parts.isEmpty ? .noData("no container of the revision's pods has started yet") : .value(rate)
  }

  private func keep(_ pods: [String: LogPosition], _ key: Key, _ interval: PolicyDuration) {
    let now = clock.monotonicTime
    progress.withLock { progress in
      progress = progress.filter { $0.value.forgottenAt > now }
      progress[key] = Progress(pods: pods, forgottenAt: now + .milliseconds(interval.milliseconds * 5) + .seconds(60))
    }
  }

  // MARK: - Pods

  private func list(_ logs: LogsMeasurement) async throws(SampleProblem) -> [Pod] {
    let pods: [Pod]
    do throws(KubernetesError) {
      pods = try await client.listPage(
        Pod.self, namespace: logs.pods.workload.namespace,
        options: ListOptions(labelSelector: "pod-template-hash=\(logs.pods.hash)", limit: Self.mostPods)
      ).items.compactMap(\.object)
    } catch {
      throw SampleProblem(cause: "\(error)")
    }
    if let wanted = logs.container, let pod = pods.first {
      let known = (pod.spec.containers + pod.spec.initContainers).map(\.name)
      guard known.contains(wanted) else {
        throw SampleProblem(
          cause: "the pods have no container \(wanted); there is \(known.prefix(10).joined(separator: ", "))")
      }
    }
    return pods
  }

  /// What each pod that has a log has written since it was last read.
  private func parts(
    of pods: [Pod], _ logs: LogsMeasurement, _ interval: PolicyDuration, before: [String: LogPosition]
  ) async throws(SampleProblem) -> [(uid: String, part: LogPart)] {
    let bytes = min(1 << 20, max(Self.mostBytes / pods.count, 64 << 10))
    var parts: [(uid: String, part: LogPart)] = []
    for start in stride(from: 0, to: pods.count, by: Self.podsAtOnce) {
      let some = pods[start..<min(start + Self.podsAtOnce, pods.count)]
      let results = await withTaskGroup(of: (String, Result<LogPart?, SampleProblem>).self) { group in
        for pod in some {
          let position = before[pod.metadata.uid]
          group.addTask {
            (pod.metadata.uid, await self.part(of: pod, logs, interval, position, limitBytes: bytes))
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      for (uid, result) in results {
        if let part = try result.get() { parts.append((uid, part)) }
      }
    }
    return parts
  }

  private func part(
    of pod: Pod, _ logs: LogsMeasurement, _ interval: PolicyDuration, _ position: LogPosition?, limitBytes: Int
  ) async -> Result<LogPart?, SampleProblem> {
    guard let container = logs.container ?? pod.spec.containers.first?.name else { return .success(nil) }
    let now = clock.monotonicTime
    let seconds = position.map { (now - $0.readAt) / .seconds(1) } ?? interval.timeInterval
    let start: LogStart = position?.last.map { .time($0.time) } ?? .seconds(max(1, Int(seconds.rounded(.up))))
    do throws(KubernetesError) {
      let text = try await client.log(
        namespace: logs.pods.workload.namespace, pod: pod.metadata.name, container: container, since: start,
        timestamps: true, limitBytes: limitBytes)
      return .success(
        LogPart(text, after: position?.last, isCut: text.utf8.count >= limitBytes, seconds: seconds, readAt: now))
    } catch {
      switch error.code {
      // Not started, or gone since the list.
      case .badRequest, .notFound: return .success(nil)
      case .forbidden:
        return .failure(
          SampleProblem(cause: "the operator may not read logs; grant it get of pods/log in the namespace"))
      default: return .failure(SampleProblem(cause: "\(error)"))
      }
    }
  }
}

/// How far one container's log has been read.
struct LogPosition: Sendable {
  /// When, on the operator's clock.
  var readAt: Duration
  /// The time of the last line that was counted; `nil` when there was none yet.
  var last: LogTime?
}

/// The time of a line, as the node wrote it.
struct LogTime: Sendable, Comparable {
  var time: Date
  /// Finer than a `Date` of today can be.
  var text: String

  init?(_ text: Substring) {
    self.text = String(text)
    guard let time = Timestamp.date(self.text) else { return nil }
    self.time = time
  }

  static func < (first: LogTime, second: LogTime) -> Bool {
    first.time == second.time ? first.text < second.text : first.time < second.time
  }
}

/// The lines of a log that are new.
struct LogPart: Sendable {
  /// Without their times.
  var lines: [Substring] = []
  /// The time they were written in.
  var seconds: Double
  var end: LogPosition

  /// - Parameters:
  ///   - text: each line begins with its time.
  ///   - last: the last line that was counted before.
  ///   - isCut: whether there is more, so that the last line may not be whole.
  init(_ text: String, after last: LogTime?, isCut: Bool, seconds: Double, readAt: Duration) {
    self.seconds = seconds
    end = LogPosition(readAt: readAt, last: last)
    var all = text.split(separator: "\n")
    if isCut, !text.hasSuffix("\n"), all.count > 1 { all.removeLast() }
    for line in all {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard let time = LogTime(parts[0]) else { continue }
      if let last, time <= last { continue }
      lines.append(parts.count > 1 ? parts[1] : "")
      end.last = max(end.last ?? time, time)
    }
  }
}
