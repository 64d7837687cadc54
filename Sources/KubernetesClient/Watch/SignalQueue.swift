import Synchronization

/// A bounded way from the task that reads a stream to the task that understands it.
///
/// The reader waits while the queue is full, so that a slow consumer slows the server down instead of filling the
/// memory. Control signals are few and always find room. One consumer; cancelling either side wakes it at once.
final class SignalQueue<Element: Sendable>: Sendable {
  private struct State {
    var elements: [Element] = []
    var head = 0
    var consumer: CheckedContinuation<Void, Never>?
    var producers: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var lastProducer: UInt64 = 0
    var isClosed = false

    var count: Int { elements.count - head }

    mutating func pop() -> Element? {
      guard head < elements.count else { return nil }
      let element = elements[head]
      head += 1
      if head == elements.count {
        elements.removeAll(keepingCapacity: true)
        head = 0
      }
      return element
    }
  }

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// Adds an element without waiting; after ``close()`` it is dropped.
  func post(_ element: Element) {
    let consumer = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard !state.isClosed else { return nil }
      state.elements.append(element)
      return state.consumer.take()
    }
    consumer?.resume()
  }

  /// Adds an element, and waits for room first.
  ///
  /// - Returns: `false` when the queue was closed or the task cancelled: nobody will read on.
  func send(_ element: Element) async -> Bool {
    while true {
      if Task.isCancelled { return false }
      let (isClosed, isFull) = state.withLock { ($0.isClosed, $0.count >= capacity) }
      if isClosed { return false }
      if !isFull {
        post(element)
        return true
      }
      await waitForRoom()
    }
  }

  /// The next element, waiting for it; `nil` when the task is cancelled.
  func next() async -> Element? {
    while true {
      if Task.isCancelled { return nil }
      let (element, producers) = state.withLock { state in
        let element = state.pop()
        return (element, state.count < capacity ? Self.takeProducers(&state) : [])
      }
      for producer in producers { producer.resume() }
      if let element { return element }
      await waitForElement()
    }
  }

  /// Drops what is queued and lets waiting producers go.
  func close() {
    let (consumer, producers) = state.withLock { state in
      state.isClosed = true
      state.elements = []
      state.head = 0
      return (state.consumer.take(), Self.takeProducers(&state))
    }
    consumer?.resume()
    for producer in producers { producer.resume() }
  }

  private static func takeProducers(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
    defer { state.producers = [:] }
    return Array(state.producers.values)
  }

  private func waitForElement() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.count == 0, !state.isClosed, !Task.isCancelled else { return true }
          state.consumer = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.consumer.take() }?.resume()
    }
  }

  private func waitForRoom() async {
    let id = state.withLock { state in
      state.lastProducer += 1
      return state.lastProducer
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.count >= capacity, !state.isClosed, !Task.isCancelled else { return true }
          state.producers[id] = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.producers.removeValue(forKey: id) }?.resume()
    }
  }
}
