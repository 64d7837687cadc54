import FoundationEssentials
public import KubernetesClient
public import Logging
import Metrics
public import ServiceLifecycle
import Synchronization

/// Writes core/v1 Events about objects, for people who ask `kubectl describe`.
///
/// ``record(_:_:reason:message:)`` never waits and never fails: events wait in a bounded queue, what does not fit or
/// cannot be written after a few tries is dropped and counted in `event_recorder_events_total{result}`. An event that
/// repeats one of the last 10 minutes (same object, type, reason and message) counts that one up instead of making
/// another.
///
/// On graceful shutdown what waits is still written, within a short limit.
public final class EventRecorder: Service {
  /// Whether something went wrong.
  public enum EventType: String, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// Messages are cut to this many bytes.
  public static let maximumMessageLength = 1_024

  static let flushLimit = Duration.seconds(2)
  static let tries = 3

  private let sink: any EventSink
  private let component: String
  private let instance: String
  private let clock: any RuntimeClock
  private let logger: Logger
  private let aggregation: Mutex<EventAggregation>
  private let arrived = Bell()
  private let stop = Bell()
  private let delivered = Bell()
  private let isStopping = Atomic<Bool>(false)
  private let metrics = EventRecorderMetrics()

  /// - Parameters:
  ///   - component: who reports, for example `rollback-operator`.
  ///   - instance: which of them, for example the pod's name.
  public convenience init(
    client: KubernetesClient, component: String, instance: String, clock: any RuntimeClock, logger: Logger
  ) {
    self.init(
      sink: KubernetesEventSink(client: client), component: component, instance: instance, clock: clock, logger: logger)
  }

  init(
    sink: any EventSink, component: String, instance: String, clock: any RuntimeClock, logger: Logger,
    aggregation: EventAggregation = EventAggregation()
  ) {
    self.sink = sink
    self.component = component
    self.instance = instance
    self.clock = clock
    self.logger = logger
    self.aggregation = Mutex(aggregation)
  }

  /// Queues an event; returns at once.
  ///
  /// - Parameters:
  ///   - reason: one word in CamelCase, from a fixed set.
  ///   - message: a sentence in the past tense; cut after ``maximumMessageLength`` bytes.
  public func record(_ object: ObjectReference, _ type: EventType, reason: String, message: String) {
    let key = EventKey(object: object, type: type, reason: reason, message: Self.cut(message))
    let wallTime = clock.wallTime
    if aggregation.withLock({ $0.record(key, wallTime: wallTime) }) {
      arrived.ring()
    } else {
      metrics.dropped.increment()
    }
  }

  /// Writes events until cancelled or shut down gracefully.
  public func run() async {
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask {
          await self.deliver()
          self.delivered.ring()
        }
        _ = await self.stop.wait()
        _ = await self.delivered.wait(atMost: Self.flushLimit, clock: self.clock)
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.isStopping.store(true, ordering: .releasing)
      self.arrived.ring()
      self.stop.ring()
    }
  }

  private func deliver() async {
    while true {
      while let write = next() {
        guard !Task.isCancelled else { return }
        await deliver(write)
      }
      if isStopping.load(ordering: .acquiring) { return }
      guard await arrived.wait() else { return }
    }
  }

  private func next() -> EventAggregation.Write? {
    let now = clock.monotonicTime
    return aggregation.withLock { $0.next(now: now) }
  }

  private func deliver(_ first: EventAggregation.Write) async {
    var write = first
    var failures = 0
    let backOff = BackOff(initial: .milliseconds(500), maximum: .seconds(5))
    while true {
      do throws(KubernetesError) {
        try await send(write)
        let now = clock.monotonicTime
        aggregation.withLock { [write] in $0.wrote(write, now: now) }
        (write.isRepetition ? metrics.repeated : metrics.created).increment()
        return
      } catch {
        if write.isRepetition, error.code == .notFound {
          write = aggregation.withLock { [write] in $0.renewed(write) }
          continue
        }
        failures += 1
        guard failures < Self.tries, Self.isWorthRepeating(error) else {
          metrics.failed.increment()
          logger.info("Event not written", metadata: ["reason": "\(write.key.reason)", "error": "\(error)"])
          return
        }
      }
      do throws(CancellationError) {
        try await clock.sleep(for: backOff.delay(failures: failures, jitter: clock.random(in: 0...0.5)))
      } catch {
        metrics.dropped.increment()
        return
      }
    }
  }

  /// Both requests may be repeated after an unknown outcome: the name is fixed, and the count is set, not raised.
  private func send(_ write: EventAggregation.Write) async throws(KubernetesError) {
    let namespace = write.key.object.eventNamespace
    guard !write.isRepetition else {
      try await sink.patch(
        namespace: namespace, name: write.name,
        ["count": JSONValue(write.count), "lastTimestamp": .string(Timestamp.seconds(write.last))])
      return
    }
    do throws(KubernetesError) {
      try await sink.create(namespace: namespace, event(write))
    } catch {
      if error.code != .alreadyExists { throw error }
    }
  }

  private func event(_ write: EventAggregation.Write) -> JSONValue {
    [
      "apiVersion": .string(APIResource.events.apiVersion),
      "kind": .string(APIResource.events.kind),
      "metadata": ["name": .string(write.name), "namespace": .string(write.key.object.eventNamespace)],
      "involvedObject": write.key.object.value,
      "reason": .string(write.key.reason),
      "message": .string(write.key.message),
      "type": .string(write.key.type.rawValue),
      "firstTimestamp": .string(Timestamp.seconds(write.first)),
      "lastTimestamp": .string(Timestamp.seconds(write.last)),
      "count": JSONValue(write.count),
      "source": ["component": .string(component)],
      "reportingComponent": .string(component),
      "reportingInstance": .string(instance),
    ]
  }

  private static func isWorthRepeating(_ error: KubernetesError) -> Bool {
    switch error.code {
    case .transport, .unavailable, .tooManyRequests, .serverTimeout, .timeout, .internalError, .credentials: true
    default: false
    }
  }

  /// Cuts between characters, and says so with an ellipsis.
  static func cut(_ message: String) -> String {
    guard message.utf8.count > maximumMessageLength else { return message }
    let ellipsis = "…"
    var room = maximumMessageLength - ellipsis.utf8.count
    var kept = ""
    for character in message {
      room -= character.utf8.count
      guard room >= 0 else { break }
      kept.append(character)
    }
    return kept + ellipsis
  }
}
