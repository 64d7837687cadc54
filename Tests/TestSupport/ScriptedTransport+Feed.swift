public import KubernetesClient
import Synchronization

/// A stream that a test writes while it is being read.
public final class StreamFeed: Sendable {
  private enum Step: Sendable {
    case chunk([UInt8])
    case failure(TransportError)
  }

  private let steps: AsyncStream<Step>
  private let writer: AsyncStream<Step>.Continuation
  private let isRead = Atomic(false)
  private let changes = Condition()

  public init() {
    (steps, writer) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(10_000))
  }

  /// Waits until the head of the stream has been taken in and its body is being read.
  public func waitForReader() async {
    await changes.wait { self.isRead.load(ordering: .acquiring) }
  }

  /// Sends one line of a watch.
  public func send(line: String) { writer.yield(.chunk(Array("\(line)\n".utf8))) }

  /// Sends bytes as they are.
  public func send(_ bytes: [UInt8]) { writer.yield(.chunk(bytes)) }

  /// Closes the stream as a server does.
  public func end() { writer.finish() }

  /// Breaks the connection.
  public func fail(_ error: TransportError) {
    writer.yield(.failure(error))
    writer.finish()
  }

  func deliver(_ onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void) async throws(TransportError) {
    isRead.store(true, ordering: .releasing)
    changes.notify()
    var iterator = steps.makeAsyncIterator()
    while let step = await iterator.next() {
      switch step {
      case .chunk(let bytes): try await onChunk(bytes[...])
      case .failure(let error): throw error
      }
    }
    if Task.isCancelled {
      throw TransportError(.cancelled, requestMayHaveBeenSent: true, message: "the task was cancelled")
    }
  }
}
