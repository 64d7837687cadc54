import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Reads one number of a JSON document over HTTP.
///
/// The server is a monitor and not the workload: whatever keeps its number from being read, be it a dead server or a
/// wrong path, says nothing of the release. A document without a number, because there is none at the moment (nothing
/// at the path, `null`, `"NaN"`, an infinity), is no data; anything else that is no number is a failed reading.
///
/// A number counts for the moment at which it arrived: a document has no time of its own that all would agree on.
struct ValueReader: Sendable {
  var transport: any OutboundTransport
  var secrets: SecretHeaders
  var clock: any RuntimeClock

  func read(_ measurement: ValueMeasurement) async -> MeasurementResult {
    let outcome: Sample.Outcome
    do throws(SampleProblem) {
      outcome = try await value(measurement)
    } catch {
      outcome = .failed(error.cause)
    }
    return MeasurementResult(samples: [Sample(at: clock.wallTime, outcome)])
  }

  private func value(_ measurement: ValueMeasurement) async throws(SampleProblem) -> Sample.Outcome {
    let value = measurement.value
    let path = try JSONPath(measured: value.jsonPath)
    let url = try OutboundURL(measured: value.url, "url")
    let headers = try await secrets.headers(value.headersFrom, in: measurement.namespace)
    let request = OutboundRequest(
      url: url, origin: .policy(namespace: measurement.namespace),
      headers: headers
        + (headers.contains { $0.name.lowercased() == "accept" } ? [] : [("Accept", "application/json")]),
      timeout: .milliseconds(value.timeout.milliseconds))
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try await transport.send(request)
    } catch {
      throw SampleProblem(cause: error.message)
    }
    guard (200..<300).contains(response.status) else {
      throw SampleProblem(
        cause: "\(url) answered with status \(response.status) instead of 200 to 299; check url and headersFrom")
    }
    guard let document = try? JSONValue(parsing: response.body) else {
      throw SampleProblem(cause: "the answer of \(url) is no JSON; check url")
    }
    guard let found = document.at(path) else {
      return .noData("the answer of \(url) has nothing at \(path); check jsonPath")
    }
    return try Self.number(found, at: "the answer of \(url) at \(path)")
  }

  /// A number, or a text that holds one as JSON writes it, as many monitors do for decimals.
  private static func number(_ found: JSONValue, at place: String) throws(SampleProblem) -> Sample.Outcome {
    switch found {
    case .null: return .noData("\(place) is null")
    case .number(let number): return try value(number, place)
    case .string(let text):
      if names(ofNoNumber: text) { return .noData("\(place) is not a number at the moment (NaN or an infinity)") }
      guard text.utf8.count <= 64, let number = JSONNumber(text: text) else { fallthrough }
      return try value(number, place)
    case .bool, .array, .object:
      throw SampleProblem(cause: "\(place) is no number; point jsonPath to one")
    }
  }

  private static func value(_ number: JSONNumber, _ place: String) throws(SampleProblem) -> Sample.Outcome {
    guard let value = number.double else {
      throw SampleProblem(cause: "\(place) is a number beyond everything that can be compared; check the source")
    }
    return .value(value)
  }

  /// As Go, JavaScript, Python and Java write what is no number.
  private static func names(ofNoNumber text: String) -> Bool {
    ["nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"].contains(text.lowercased())
  }
}
