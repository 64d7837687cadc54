import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Asks what a client of the workload would ask.
///
/// Who is to blame decides what a reading is. The check has *failed*, and enough of these in a row are a breach, when
/// the request went out as the policy says and what came back is not what a healthy workload answers: the connection
/// was refused or broke, no answer came in time, a redirection or another status, a body that is no JSON or says
/// something else, or a headless Service without a single ready endpoint. A dead workload is always one of these.
///
/// The *reading* has failed, so that nothing is known of the workload, when the request could not be made as the policy
/// says, or its answer cannot be trusted: a host outside `egress.allow`, a name that the DNS does not know or does not
/// answer for, a Service or a port that does not exist, a Secret that is not there, a certificate that is not trusted,
/// an answer that is too long to read, a machine without a route or a free port, too many other requests before this
/// one. Somebody has to mend something, and it is not the release.
///
/// What cannot be told apart is counted as the workload's: a wrong path (404), credentials that are refused (401), a
/// network policy that keeps the operator out. These fail before a rollout begins as after it, for which there is
/// `attribution`, and are shown as a breach as soon as the policy is applied.
///
/// A reading is about the moment at which the answer, or that there is none, was known.
struct ProbeReader: Sendable {
  var transport: any OutboundTransport
  var services: any ServiceDirectory
  var secrets: SecretHeaders
  var clock: any RuntimeClock

  func read(_ measurement: ProbeMeasurement) async -> MeasurementResult {
    let outcome: Sample.Outcome
    do throws(SampleProblem) {
      outcome = try await check(measurement)
    } catch {
      outcome = .failed(error.cause)
    }
    return MeasurementResult(samples: [Sample(at: clock.wallTime, outcome)])
  }

  private func check(_ measurement: ProbeMeasurement) async throws(SampleProblem) -> Sample.Outcome {
    let probe = measurement.probe
    let expected = try probe.expectJSON.map { one throws(SampleProblem) in
      (path: try JSONPath(measured: one.path), value: one.equals)
    }
    let url: OutboundURL
    let origin: OutboundOrigin
    if let service = probe.service {
      switch try await target(service, measurement) {
      case .failure(.dead(let message)): return .check(passed: false, value: "no endpoint", message: message)
      case .failure(.misconfigured(let message)): throw SampleProblem(cause: message)
      case .success(let target):
        let host = "\(service).\(measurement.namespace).svc:\(target.port)"
        url = try OutboundURL(measured: "\(probe.scheme.rawValue.lowercased())://\(host)\(probe.path)", "path")
        origin = .ownService(namespace: measurement.namespace, addresses: target.addresses)
      }
    } else {
      url = try OutboundURL(measured: probe.url ?? "", "url")
      origin = .policy(namespace: measurement.namespace)
    }
    let headers = try await secrets.headers(probe.headersFrom, in: measurement.namespace)
    let request = OutboundRequest(
      url: url, origin: origin, headers: headers, timeout: .milliseconds(probe.timeout.milliseconds))
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try await transport.send(request)
    } catch {
      return try judge(error, probe)
    }
    return judge(response, of: url, probe, expected)
  }

  private func target(
    _ service: String, _ measurement: ProbeMeasurement
  ) async throws(SampleProblem) -> Result<ServiceTarget, ServiceTarget.Absence> {
    let facts: ServiceFacts?
    do {
      facts = try await services.service(service, in: measurement.namespace)
    } catch {
      throw SampleProblem(
        cause: "Service \(service) cannot be read from the cluster; check that the operator may get services and list "
          + "endpointslices in this namespace")
    }
    guard let facts else {
      throw SampleProblem(
        cause: "Service \(service) does not exist in the policy's namespace; create it, or name another one")
    }
    do throws(ServiceTarget.Absence) {
      return .success(try ServiceTarget(facts, named: service, port: measurement.probe.port))
    } catch {
      return .failure(error)
    }
  }

  // MARK: - Judging

  private func judge(_ error: OutboundError, _ probe: ProbeTrigger) throws(SampleProblem) -> Sample.Outcome {
    switch error.code {
    case .connect: return .check(passed: false, value: "no answer", message: error.message)
    case .timeout: return .check(passed: false, value: "no answer in time", message: error.message)
    case .redirect(let status):
      // There is no body to look into.
      let isExpected = probe.expectStatus.contains(status) && probe.expectJSON.isEmpty
      return .check(passed: isExpected, value: "HTTP \(status)", message: isExpected ? "" : error.message)
    case .refused, .resolve, .unsent, .tls, .tooLarge, .invalidRequest, .cancelled:
      throw SampleProblem(cause: error.message)
    }
  }

  private func judge(
    _ response: OutboundResponse, of url: OutboundURL, _ probe: ProbeTrigger,
    _ expected: [(path: JSONPath, value: Document)]
  ) -> Sample.Outcome {
    let status = response.status
    func failed(_ value: String, _ message: String) -> Sample.Outcome {
      .check(passed: false, value: value, message: message)
    }
    let isHealthy = probe.expectStatus.isEmpty ? (200..<300).contains(status) : probe.expectStatus.contains(status)
    guard isHealthy else {
      let wanted =
        probe.expectStatus.isEmpty
        ? "200 to 299" : probe.expectStatus.sorted().map(String.init).joined(separator: " or ")
      return failed("HTTP \(status)", "\(url) answered with status \(status), and \(wanted) is healthy")
    }
    guard let first = expected.first else { return .check(passed: true, value: "HTTP \(status)", message: "") }
    guard let body = try? JSONValue(parsing: response.body) else {
      return failed(
        "no JSON", "the answer of \(url) is no JSON, and its \(first.path) must be \(first.value.shortened)")
    }
    for (path, value) in expected {
      guard let found = body.at(path) else {
        return failed("no \(path)", "the answer of \(url) has nothing at \(path), which must be \(value.shortened)")
      }
      guard found.isSemanticallyEqual(to: JSONValue(value)) else {
        return failed(
          "\(path) is not \(value.shortened)",
          "the answer of \(url) has something else at \(path) than "
            + value.shortened)
      }
    }
    return .check(passed: true, value: "HTTP \(status)", message: "")
  }
}

extension Document {
  /// As people read it, and no longer than fits into a sentence.
  fileprivate var shortened: String {
    let text = description
    return text.unicodeScalars.count > 100 ? "\(text.prefix(100))…" : text
  }
}

extension JSONPath {
  /// A path of a policy that may have been let in by an older schema.
  init(measured text: String) throws(SampleProblem) {
    do throws(JSONPathError) {
      try self.init(text)
    } catch {
      throw SampleProblem(cause: "\(error)")
    }
  }
}

extension OutboundURL {
  /// A URL of a policy that may have been let in by an older schema.
  init(measured text: String, _ field: String) throws(SampleProblem) {
    do throws(OutboundURLError) {
      try self.init(text)
    } catch {
      throw SampleProblem(cause: "\(field): \(error)")
    }
  }
}
