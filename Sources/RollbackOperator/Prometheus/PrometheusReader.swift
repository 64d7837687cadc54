import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Asks servers with Prometheus's HTTP API.
struct PrometheusReader: Sendable {
  var transport: any OutboundTransport
  var connections: SourceConnections
  var clock: any RuntimeClock

  /// So long after its end a time that was empty stays empty, in seconds: rules and remote writes are done by then.
  private static let settledAfter = 300.0

  /// Asks for the value now and, when `since` is given, for those of the past. The moment of a value is the one that
  /// the server evaluated at: it is not told a time, so that a clock that is wrong is noticed.
  ///
  /// - Parameter most: so many values are of use; a longer past is read in longer steps.
  func read(
    _ query: QueryMeasurement, interval: PolicyDuration, since: Date?, most: Int = SampleBook.most
  ) async -> MeasurementResult {
    let now = clock.wallTime
    do throws(SampleProblem) {
      let connection = try await connections.connection(query.source)
      let answer = try await instant(query, connection, now: now)
      var result = answer.result
      guard let since else { return result }
      // A past that cannot be read is asked for again with the next sample.
      guard
        let past = try? await range(query, connection, from: since, to: answer.at, step: interval, most: most)
      else { return result }
      result.precede(with: past)
      result.knownSince = since
      return result
    } catch {
      return .failed(error.cause, at: now)
    }
  }

  /// Asks for the values of a time that is over. Nothing, of a time that has only just ended, may still come.
  func read(_ past: PastMeasurement) async -> MeasurementResult {
    let now = clock.wallTime
    do throws(SampleProblem) {
      let connection = try await connections.connection(past.query.source)
      var result = try await range(past.query, connection, from: past.start, to: past.end, step: past.step)
      result.isFinal =
        !result.samples.isEmpty || !result.bySubject.isEmpty || now.timeIntervalSince(past.end) > Self.settledAfter
      let nothing = [Sample(at: now, .noData("the query returned nothing"))]
      if result.samples.isEmpty { result.samples = nothing }
      return result
    } catch {
      return .failed(error.cause, at: now)
    }
  }

  // MARK: - Now

  private func instant(
    _ query: QueryMeasurement, _ connection: SourceConnection, now: Date
  ) async throws(SampleProblem) -> PrometheusReading {
    let division = PrometheusDivision(label: query.fleetLabel, reduce: query.reduce)
    let answer = try division.now(try await ask(.instant(promQL: query.promql), connection, query), now: now)
    guard let minSamples = query.minSamples, answer.hasValue else { return answer }
    let traffic = try PrometheusDivision(label: query.fleetLabel, reduce: .sum).now(
      try await ask(.instant(promQL: minSamples.promql), connection, query), now: now)
    return answer.judged(minSamples, traffic: traffic)
  }

  // MARK: - The past

  /// The same at each step of the past, as if it had been asked then.
  private func range(
    _ query: QueryMeasurement, _ connection: SourceConnection, from start: Date, to end: Date, step: PolicyDuration,
    most: Int = SampleBook.most
  ) async throws(SampleProblem) -> MeasurementResult {
    let span = PolicyDuration(from: start, to: end)
    let step = max(step, PolicyDuration(milliseconds: span.milliseconds / Int64(most - 1) + 1))
    // Steps that end at the newest sample, as if each had been taken then.
    let first = end.addingTimeInterval(-step.timeInterval * Double(span.milliseconds / step.milliseconds))
    func points(_ promQL: String, _ reduce: QueryTrigger.Reduction?) async throws(SampleProblem) -> PrometheusPast {
      try PrometheusDivision(label: query.fleetLabel, reduce: reduce).past(
        try await ask(.range(promQL: promQL, start: first, end: end, step: step), connection, query))
    }
    let values = try await points(query.promql, query.reduce)
    let traffic: PrometheusPast? =
      if let minSamples = query.minSamples { try await points(minSamples.promql, .sum) } else { nil }
    var result = MeasurementResult(samples: [])
    for (subject, points) in values {
      let samples = points.map { moment, value in
        guard let minSamples = query.minSamples else { return Sample(at: moment, .value(value)) }
        let count = traffic?[subject]?[moment].map { Sample.Outcome.value($0) } ?? .noData("")
        return Sample(at: moment, minSamples.judge(.value(value), traffic: count))
      }.sorted { $0.at < $1.at }
      if query.fleetLabel == nil { result.samples = samples } else { result.bySubject[subject] = samples }
    }
    return result
  }

  private func ask(
    _ query: PrometheusQuery, _ connection: SourceConnection, _ measurement: QueryMeasurement
  ) async throws(SampleProblem) -> PrometheusAnswer {
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try await transport.send(
        connection.request(query, isForMany: measurement.fleetLabel != nil))
    } catch {
      throw SampleProblem(cause: "\(connection.name): \(error.message)")
    }
    do throws(PrometheusAnswerError) {
      return try PrometheusAnswer(status: response.status, body: response.body, from: query.endpoint)
    } catch {
      throw SampleProblem(cause: "\(connection.name): \(error)")
    }
  }
}
