import Testing

@testable import KubernetesClient

@Suite("The queue between reading and understanding a stream", .timeLimit(.minutes(2)))
struct WatchSignalQueueTests {
  @Test("Elements come out in order, with a producer that is held back")
  func order() async {
    let queue = SignalQueue<Int>(capacity: 2)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for number in 0..<1_000 { #expect(await queue.send(number)) } }
      for number in 0..<1_000 { #expect(await queue.next() == number) }
    }
  }

  @Test("Signals find room in a full queue, elements wait")
  func room() async {
    let queue = SignalQueue<Int>(capacity: 1)
    #expect(await queue.send(1))
    queue.post(2)
    let producer = Task { await queue.send(3) }
    #expect(await queue.next() == 1)
    #expect(await queue.next() == 2)
    #expect(await queue.next() == 3)
    #expect(await producer.value)
  }

  @Test("Closing lets a waiting producer go and drops what was queued")
  func close() async {
    let queue = SignalQueue<Int>(capacity: 1)
    queue.post(1)
    let producer = Task { await queue.send(2) }
    queue.close()
    #expect(await !producer.value)
    queue.post(3)
    #expect(await !queue.send(4))
  }

  @Test("Cancelling ends both kinds of waiting")
  func cancellation() async {
    let queue = SignalQueue<Int>(capacity: 1)
    let consumer = Task { await queue.next() }
    consumer.cancel()
    #expect(await consumer.value == nil)
    queue.post(1)
    let producer = Task { await queue.send(2) }
    producer.cancel()
    #expect(await !producer.value)
  }
}
