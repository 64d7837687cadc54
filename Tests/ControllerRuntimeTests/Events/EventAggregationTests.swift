import FoundationEssentials
import Testing

@testable import ControllerRuntime

/// The aggregation in a class, because expectations cannot call mutating functions.
private final class Subject {
  private(set) var aggregation: EventAggregation

  init(_ aggregation: EventAggregation = EventAggregation()) { self.aggregation = aggregation }

  static func key(_ message: String, object: String = "web") -> EventKey {
    EventKey(
      object: ObjectReference(apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: object, uid: "u"),
      type: .normal, reason: "RollbackStarted", message: message)
  }

  @discardableResult
  func record(_ message: String, object: String = "web", at seconds: Double = 0) -> Bool {
    aggregation.record(Self.key(message, object: object), wallTime: Date(timeIntervalSince1970: seconds))
  }

  func next(_ now: Duration = .zero) -> EventAggregation.Write? { aggregation.next(now: now) }
  func wrote(_ write: EventAggregation.Write, _ now: Duration = .zero) { aggregation.wrote(write, now: now) }
  func renewed(_ write: EventAggregation.Write) -> EventAggregation.Write { aggregation.renewed(write) }

  /// Everything that waits is written.
  @discardableResult
  func drain(_ now: Duration = .zero) -> [EventAggregation.Write] {
    var writes: [EventAggregation.Write] = []
    while let write = next(now) {
      wrote(write, now)
      writes.append(write)
    }
    return writes
  }
}

@Suite("Aggregation of events")
struct EventAggregationTests {
  private let subject = Subject()

  @Test("Different events are written in order, the same one that waits only counts up")
  func order() {
    for message in ["one", "two", "one", "one"] { subject.record(message) }
    let writes = subject.drain()
    #expect(writes.map(\.key.message) == ["one", "two"] && writes.map(\.count) == [3, 1])
    #expect(writes.allSatisfy { !$0.isRepetition } && subject.aggregation.isEmpty)
  }

  @Test("A repetition within ten minutes counts the same Event up, later it is a new one")
  func window() throws {
    subject.record("one", at: 100)
    let first = try #require(subject.drain().first)
    subject.record("one", at: 200)
    subject.record("one", at: 300)
    let second = try #require(subject.drain(.seconds(599)).first)
    #expect(second.isRepetition && second.name == first.name && second.count == 3)
    #expect(second.first.timeIntervalSince1970 == 100 && second.last.timeIntervalSince1970 == 300)
    subject.record("one", at: 1_200)
    let third = try #require(subject.drain(.seconds(599 + 600)).first)
    #expect(!third.isRepetition && third.name != first.name && third.count == 1)
  }

  @Test("What differs in the object is another event")
  func objects() {
    subject.record("one", object: "web")
    subject.record("one", object: "api")
    #expect(subject.drain().count == 2)
  }

  @Test("The queue is bounded; what waits already may still count up")
  func bounded() {
    let subject = Subject(EventAggregation(capacity: 2))
    #expect(subject.record("one") && subject.record("two") && !subject.record("three") && subject.record("one"))
    #expect(subject.drain().map(\.count) == [2, 1])
    #expect(subject.record("three"))
  }

  @Test("The memory of what was written is bounded and keeps the newest")
  func memory() throws {
    let subject = Subject(EventAggregation(memory: 10))
    for index in 0..<1_000 {
      subject.record("message \(index)")
      subject.drain(.milliseconds(index))
      #expect(subject.aggregation.remembered <= 10)
    }
    subject.record("message 999")
    #expect(try #require(subject.next(.seconds(2))).isRepetition)
  }

  @Test("What was written longer ago than the window is forgotten, also when there is room for it")
  func oldIsForgotten() {
    let subject = Subject(EventAggregation(window: .seconds(60)))
    for index in 0..<1_000 {
      subject.record("message \(index)")
      subject.drain(.seconds(index))
      #expect(subject.aggregation.remembered <= 121)
    }
  }

  @Test("An Event that is gone is written as a new one")
  func renewed() throws {
    subject.record("one")
    subject.drain()
    subject.record("one", at: 5)
    let repetition = try #require(subject.next())
    let new = subject.renewed(repetition)
    #expect(!new.isRepetition && new.count == 1 && new.name != repetition.name)
    #expect(new.first == new.last && new.last.timeIntervalSince1970 == 5)
  }

  @Test(
    "Names are unique and no longer than Kubernetes allows", arguments: ["web", String(repeating: "a-", count: 200)])
  func names(object: String) {
    for index in 0..<100 { subject.record("message \(index)", object: object, at: 1_800_000_000) }
    let names = subject.drain().map(\.name)
    #expect(Set(names).count == 100)
    #expect(names.allSatisfy { $0.utf8.count <= 253 && !$0.contains("-.") })
  }
}
