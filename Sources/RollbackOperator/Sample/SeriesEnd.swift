import RollbackCore

/// With what kind of answer a series ends: what the newest value is matters only to those who watch each one.
struct SeriesEnd: Equatable {
  private enum Answer: Equatable {
    case value
    case check(passed: Bool, failures: Int)
    case noData(String)
    case failed(String)
  }

  /// `nil`: nothing has been sampled.
  private var answer: Answer?

  /// - Parameter checks: up to so many, one more failure in a row is another answer.
  init(_ series: SampleSeries, checks: Int) {
    answer =
      switch series.samples.last?.outcome {
      case .value: .value
      case .check(let passed, _, _): .check(passed: passed, failures: series.failedChecks(atMost: checks))
      case .noData(let cause): .noData(cause)
      case .failed(let cause): .failed(cause)
      case nil: nil
      }
  }
}

extension References.Reference {
  /// What the samples of a time that is over say to others that are compared with them.
  init(_ samples: [Sample]) {
    let values = samples.compactMap { sample in if case .value(let value) = sample.outcome { value } else { nil } }
    guard values.isEmpty else {
      self = .values(values)
      return
    }
    switch samples.last?.outcome {
    case .noData(let cause):
      self = .noData("nothing to compare with was read of the time before the rollout: \(cause)")
    case .failed(let cause): self = .failed("the time before the rollout cannot be read: \(cause)")
    case .value, .check, nil: self = .pending
    }
  }
}
