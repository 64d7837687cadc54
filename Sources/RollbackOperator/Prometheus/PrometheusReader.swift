import FoundationEssentials
import KubernetesClient
import RollbackCore

/// Asks servers with Prometheus's HTTP API.
struct PrometheusReader: Sendable {
  var transport: any OutboundTransport
  var connections: SourceConnections
  var clock: any RuntimeClock

  /// Asks for the value now and, when `since` is given, for those of the past. The moment of a value is the one that
  /// the server evaluated at: it is not told a time, so that a clock that is wrong is noticed.
  func read(_ query: QueryMeasurement, interval: PolicyDuration, since: Date?) async -> MeasurementResult {
    let now = clock.wallTime
    do throws(SampleProblem) {
      let connection = try await connections.connection(query.source)
      let sample = try await instant(query, connection, now: now)
      guard let since, case .value = sample.outcome else { return MeasurementResult(samples: [sample]) }
      // A past that cannot be read is asked for again with the next sample.
      guard let past = try? await range(query, connection, from: since, to: sample.at, step: interval) else {
        return MeasurementResult(samples: [sample])
      }
      return MeasurementResult(samples: past.filter { $0.at < sample.at } + [sample], knownSince: since)
    } catch {
      return .failed(error.cause, at: now)
    }
  }

  // MARK: - Now

  private func instant(
    _ query: QueryMeasurement, _ connection: SourceConnection, now: Date
  ) async throws(SampleProblem) -> Sample {
    let point = try reduced(try await ask(.instant(promQL: query.promql), connection), query.reduce, now: now)
    guard let minSamples = query.minSamples, case .value = point.outcome else { return point }
    let traffic = try reduced(try await ask(.instant(promQL: minSamples.promql), connection), .sum, now: now)
    return Sample(at: point.at, minSamples.judge(point.outcome, traffic: traffic.outcome))
  }

  private func reduced(
    _ answer: PrometheusAnswer, _ reduce: QueryTrigger.Reduction?, now: Date
  ) throws(SampleProblem) -> Sample {
    switch answer {
    case .scalar(let point): return Sample(at: point.at, .value(point.value))
    case .vector(let series):
      guard let first = series.first?.points.first else {
        return Sample(at: now, .noData("the query returned nothing; see whether its metrics and labels exist"))
      }
      let values = series.compactMap(\.points.first?.value)
      guard values.count > 1 else { return Sample(at: first.at, .value(first.value)) }
      guard let reduce, let value = reduce(values) else {
        throw SampleProblem(
          cause: "the query returned \(values.count) series where one number is needed; set reduce to Max, Min, Sum or "
            + "Avg, or aggregate in the query")
      }
      return Sample(at: first.at, .value(value))
    case .matrix:
      throw SampleProblem(
        cause: "the query returns a range of values instead of one; leave out the last [range], or use rate()")
    }
  }

  // MARK: - The past

  /// The same at each step of the past, as if it had been asked then.
  private func range(
    _ query: QueryMeasurement, _ connection: SourceConnection, from start: Date, to end: Date, step: PolicyDuration
  ) async throws(SampleProblem) -> [Sample] {
    let span = PolicyDuration(from: start, to: end)
    let step = max(step, PolicyDuration(milliseconds: span.milliseconds / Int64(SampleBook.most - 1) + 1))
    // Steps that end at the newest sample, as if each had been taken then.
    let first = end.addingTimeInterval(-step.timeInterval * Double(span.milliseconds / step.milliseconds))
    let values = try byTime(
      try await ask(.range(promQL: query.promql, start: first, end: end, step: step), connection), query.reduce)
    guard let minSamples = query.minSamples else {
      return values.map { Sample(at: $0.key, .value($0.value)) }.sorted { $0.at < $1.at }
    }
    let traffic = try byTime(
      try await ask(.range(promQL: minSamples.promql, start: first, end: end, step: step), connection), .sum)
    return values.map { moment, value in
      Sample(
        at: moment,
        minSamples.judge(.value(value), traffic: traffic[moment].map { .value($0) } ?? .noData("")))
    }.sorted { $0.at < $1.at }
  }

  private func byTime(
    _ answer: PrometheusAnswer, _ reduce: QueryTrigger.Reduction?
  ) throws(SampleProblem) -> [Date: Double] {
    guard case .matrix(let series) = answer else { throw SampleProblem(cause: "the source answered no range") }
    var values: [Date: [Double]] = [:]
    for one in series {
      for point in one.points { values[point.at, default: []].append(point.value) }
    }
    // Where several series are refused now they say nothing of the past either.
    return values.compactMapValues { $0.count == 1 ? $0[0] : reduce?($0) }
  }

  private func ask(
    _ query: PrometheusQuery, _ connection: SourceConnection
  ) async throws(SampleProblem) -> PrometheusAnswer {
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try await transport.send(connection.request(query))
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

extension QueryMeasurement.MinSamples {
  /// A value counts only on enough traffic; how much there was is itself measured.
  func judge(_ value: Sample.Outcome, traffic: Sample.Outcome) -> Sample.Outcome {
    guard case .value(let count) = traffic, count.isFinite else {
      return .noData("the query of minSamples returned nothing, and \(atLeast) is needed")
    }
    guard count >= atLeast.value else {
      return .noData("only \(atLeast.describe(count)) samples, minSamples.atLeast is \(atLeast)")
    }
    return value
  }
}
