import FoundationEssentials
import RollbackCore
import TestSupport
import Testing

@testable import RollbackOperator

@Suite("A value is a number of a JSON document, or nothing is known")
struct ValueReaderTests {
  private func outcome(_ value: ValueTrigger, _ outbound: ScriptedOutbound) async -> Sample.Outcome? {
    let clock = ManualClock(wallTime: testStart)
    let reader = ValueReader(transport: outbound, secrets: SecretHeaders.test(clock).headers, clock: clock)
    let result = await reader.read(ValueMeasurement(namespace: "shop", value: value))
    #expect(result.samples.map(\.at) == [testStart] && result.knownSince == nil)
    return result.samples.first?.outcome
  }

  private static func trigger(
    _ path: String = "$.rate", url: String = "https://sentry.example.com/api", secret: String? = nil
  ) -> ValueTrigger {
    ValueTrigger(
      url: url, headersFrom: secret.map { SecretReference(secret: $0) }, jsonPath: path,
      criteria: Criteria(above: Measure(5)))
  }

  @Test(
    "A number counts, and so does a text that holds one",
    arguments: [
      ("0.05", 0.05), ("-7", -7), ("1e3", 1_000), ("0", 0), (#""0.05""#, 0.05), (#""-1.5e-2""#, -0.015), (#""90""#, 90),
    ])
  func numbers(text: String, expected: Double) async {
    #expect(
      await outcome(Self.trigger(), ScriptedOutbound(200, #"{"rate":\#(text)}"#)) == .value(expected))
  }

  @Test(
    "No number at the moment is no data",
    arguments: [
      "{}", "[]", "7", #"{"rate":null}"#, #"{"rate":"NaN"}"#, #"{"rate":"+Inf"}"#, #"{"rate":"-Infinity"}"#,
      #"{"Rate":1}"#,
    ])
  func noData(body: String) async {
    guard case .noData(let cause)? = await outcome(Self.trigger(), ScriptedOutbound(200, body)) else {
      Issue.record("\(body) was judged")
      return
    }
    #expect(cause.contains("$.rate"))
  }

  @Test(
    "Everything else that is no number is a failed reading that repeats nothing of the answer",
    arguments: [
      #"{"rate":true}"#, #"{"rate":"leaked"}"#, #"{"rate":""}"#, #"{"rate":" 1"}"#, #"{"rate":"1 "}"#,
      #"{"rate":"0x10"}"#, #"{"rate":"1,5"}"#, #"{"rate":"+1"}"#, #"{"rate":"1e400"}"#, #"{"rate":1e400}"#,
      #"{"rate":-1e400}"#, #"{"rate":[1]}"#, #"{"rate":{"leaked":1}}"#, #"{"rate":NaN}"#, #"{"rate":0x10}"#, "", "{",
      "<html>leaked</html>", #"{"rate":"\#(String(repeating: "1", count: 65))"}"#, #"{"rate":"٣"}"#,
    ])
  func failures(body: String) async {
    guard case .failed(let cause)? = await outcome(Self.trigger(), ScriptedOutbound(200, body)) else {
      Issue.record("\(body) was judged")
      return
    }
    #expect(!cause.contains("leaked") && cause.contains("https://sentry.example.com"))
  }

  @Test(
    "A monitor that does not answer as it should says nothing of the release", arguments: [199, 304, 401, 404, 503])
  func status(status: Int) async {
    let outcome = await outcome(Self.trigger(), ScriptedOutbound(status, #"{"rate":9}"#))
    guard case .failed(let cause)? = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(cause.contains("status \(status)"))
  }

  @Test("A failure on the way, a missing Secret and what an older schema let in are failed readings")
  func unreadable() async {
    let cases = [
      (Self.trigger(), ScriptedOutbound(.connect), "the cause"),
      (Self.trigger(), ScriptedOutbound(.timeout), "the cause"),
      (Self.trigger(secret: "gone"), ScriptedOutbound(), "Secret gone does not exist"),
      (Self.trigger("rate"), ScriptedOutbound(), "JSON path"), (Self.trigger(url: "web"), ScriptedOutbound(), "url: "),
    ]
    for (trigger, outbound, word) in cases {
      guard case .failed(let cause)? = await outcome(trigger, outbound) else {
        Issue.record("\(trigger) was judged")
        continue
      }
      #expect(cause.contains(word))
    }
  }

  @Test("It is asked on the policy's word, with the Secret's header fields")
  func request() async throws {
    let outbound = ScriptedOutbound(200, #"{"rate":1}"#)
    _ = await outcome(Self.trigger(secret: "headers"), outbound)
    let request = try #require(outbound.requests.first)
    #expect(request.origin == .policy(namespace: "shop") && request.method == .get && request.timeout == .seconds(5))
    #expect(
      request.headers.map { "\($0.name): \($0.value)" } == ["Authorization: Bearer abc", "Accept: application/json"])
  }
}
