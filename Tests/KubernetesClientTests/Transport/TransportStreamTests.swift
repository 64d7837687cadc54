import KubernetesClient
import Synchronization
import Testing

@Suite("Streams, time-outs and cancellation", .timeLimit(.minutes(2)))
struct TransportStreamTests {
  @Test("A stream that carries nothing ends as idle")
  func idle() async throws {
    try await TransportSetting.run { setting async throws in
      let error = try #require(try await streamFailure(setting, "/silent", idleTimeout: .milliseconds(300)))
      #expect(error.code == .idle)
      #expect(error.message.contains("sent nothing for 0.3 seconds on GET /silent"))
    }
  }

  @Test("A stream that carries something is never idle, however long it takes")
  func notIdle() async throws {
    try await TransportSetting.run { setting async throws in
      let count = Mutex(0)
      let error = try #require(
        try await streamFailure(setting, "/trickle", idleTimeout: .seconds(4)) { _ throws(TransportError) in
          guard
            count.withLock({
              $0 += 1; return $0
            }) < 250
          else {
            throw TransportError(.consumer, requestMayHaveBeenSent: true, message: "enough")
          }
        })
      #expect(error.code == .consumer && error.message == "enough")
    }
  }

  @Test(
    "A cancelled request or stream does not wait for its time-out", arguments: ["/hang", "/silent", "/ticks"],
    [true, false])
  func cancellation(path: String, isStream: Bool) async throws {
    try await TransportSetting.run { setting async throws in
      _ = try await setting.get("/whoami")
      let clock = ContinuousClock()
      let (code, ended) = try await withThrowingTaskGroup(
        of: (TransportError.Code?, ContinuousClock.Instant).self
      ) { group in
        group.addTask {
          let error =
            isStream
            ? try await streamFailure(setting, path, idleTimeout: .seconds(100))
            : try await setting.failure(path, timeout: .seconds(100))
          return (error?.code, clock.now)
        }
        try await Task.sleep(for: .milliseconds(150))
        let cancelled = clock.now
        group.cancelAll()
        let result = try #require(try await group.next())
        return (result.0, cancelled.duration(to: result.1))
      }
      #expect(code == .cancelled)
      // Far from the time-outs is enough: how fast it is depends on the machine.
      #expect(ended < .seconds(20))
    }
  }

  @Test("A request that is not answered in time", arguments: ["/hang", "/silent", "/trickle"])
  func timeout(path: String) async throws {
    try await TransportSetting.run { setting async throws in
      let error = try #require(try await setting.failure(path, timeout: .milliseconds(300)))
      #expect(error.code == .timedOut && error.requestMayHaveBeenSent)
      #expect(error.message.contains("did not answer GET \(path) completely within 0.3 seconds"))
    }
  }

  @Test("Many streams run side by side")
  func manyStreams() async throws {
    try await TransportSetting.run { setting async throws in
      try await withThrowingTaskGroup(of: TransportError.Code?.self) { group in
        for _ in 1...30 {
          group.addTask { try await streamFailure(setting, "/silent", idleTimeout: .seconds(1))?.code }
        }
        for try await code in group { #expect(code == .idle) }
      }
      #expect(setting.server.connections == 30)
    }
  }

  @Test("A body above the cap is cut off")
  func cap() async throws {
    try await TransportSetting.run(.init(maximumBodySize: 100_000)) { setting async throws in
      let error = try #require(try await setting.failure("/big"))
      #expect(error.code == .tooLarge)
      #expect(error.message.contains("larger than 100000 bytes"))
      #expect(try await setting.get("/whoami").status == 200)
    }
  }

  @Test(
    "An answer that breaks off is a lost connection, and the request may have been executed",
    arguments: ["/half", "/close"])
  func brokenOff(path: String) async throws {
    try await TransportSetting.run { setting async throws in
      let error = try #require(try await setting.failure(path))
      #expect(error.code == .connectionLost && error.requestMayHaveBeenSent)
      #expect(error.message.contains("was lost during GET \(path)"))
    }
  }

  @Test("A stream whose head is an error is collected like any answer")
  func errorAnswer() async throws {
    try await TransportSetting.run { setting async throws in
      let answer = try await setting.transport.stream(
        TransportRequest(method: "GET", path: "/token/never"), idleTimeout: .seconds(5),
        onResponse: { head in
          #expect(head.status == 401 && head.body.isEmpty)
          return false
        }, onChunk: { _ in Issue.record("No chunk was to be delivered.") })
      #expect(answer.status == 401 && answer.body == [UInt8](ascii: "-"))
    }
  }

  @Test("After shutdown nothing is sent, and what runs is ended")
  func shutdown() async throws {
    try await TransportSetting.run { setting async throws in
      let error = try #require(
        try await streamFailure(setting, "/ticks", idleTimeout: .seconds(60)) { _ throws(TransportError) in
          await setting.transport.shutdown()
        })
      #expect(error.code == .cancelled)
      let after = try #require(try await setting.failure("/whoami"))
      #expect(after.code == .cancelled && !after.requestMayHaveBeenSent)
    }
  }

  private func streamFailure(
    _ setting: TransportSetting, _ path: String, idleTimeout: Duration,
    onChunk: (ArraySlice<UInt8>) async throws(TransportError) -> Void = { _ in }
  ) async throws -> TransportError? {
    do throws(TransportError) {
      _ = try await setting.transport.stream(
        TransportRequest(method: "GET", path: path), idleTimeout: idleTimeout, onResponse: { _ in true },
        onChunk: onChunk)
      return nil
    } catch {
      return error
    }
  }
}

extension [UInt8] {
  fileprivate init(ascii text: String) { self = Array(text.utf8) }
}
