public import KubernetesClient

/// A stream that a test writes while it is being read.
public final class StreamFeed: Sendable {
  private enum Step: Sendable {
    case chunk([UInt8])
    case failure(TransportError)
  }

  private let steps: AsyncStream<Step>
  private let writer: AsyncStream<Step>.Continuation

  public init() {
    (steps, writer) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(10_000))
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
