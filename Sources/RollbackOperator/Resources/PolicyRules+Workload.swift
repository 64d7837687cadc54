import RollbackCore

/// The rules of triggers that ask the API server: of usage, logs and smoke tests.
extension PolicyViolation {
  /// Shares and amounts cannot be read at once, and no amount has a unit of time.
  static func usage(_ usage: UsageTrigger, _ path: String) -> PolicyViolation? {
    if let violation = limited(usage.criteria, path) ?? label(usage.container, "\(path).container") { return violation }
    let units = Set([usage.criteria.above?.unit, usage.criteria.below?.unit].compactMap(\.self))
    guard units == [.percent] || units == [.none] else {
      return PolicyViolation(
        path: path, problem: "its limits are neither all shares nor all amounts",
        remedy: usage.resource == .memory
          ? "write shares of the container's limit, such as \"90%\", or bytes, such as 500000000"
          : "write shares of the container's limit, such as \"90%\", or cores, such as 0.5")
    }
    return nil
  }

  static func logs(_ logs: LogsTrigger, _ path: String) -> PolicyViolation? {
    do throws(LogPatternError) {
      _ = try LogPattern(logs.pattern)
    } catch {
      return PolicyViolation(
        path: "\(path).pattern", problem: "cannot be read", remedy: error.description)
    }
    return limited(logs.criteria, path) ?? label(logs.container, "\(path).container")
  }

  static func job(_ job: JobTrigger, _ path: String) -> PolicyViolation? {
    guard case .object(let template) = job.template, case .object(let spec)? = template["spec"],
      case .object(let pod)? = spec["template"], case .object(let podSpec)? = pod["spec"],
      case .list(let containers)? = podSpec["containers"], !containers.isEmpty
    else {
      return PolicyViolation(
        path: "\(path).template", problem: "has no spec.template.spec.containers",
        remedy: "write what stands in spec.jobTemplate of a CronJob")
    }
    switch template["metadata"] {
    case nil, .object?: break
    default:
      return PolicyViolation(
        path: "\(path).template.metadata", problem: "is no object",
        remedy: "write labels and annotations of the Job, or leave it out")
    }
    return period(job.timeout, "\(path).timeout")
  }
}
