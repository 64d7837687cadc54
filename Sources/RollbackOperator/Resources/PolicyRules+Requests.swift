import RollbackCore

/// What the schema says of requests over HTTP, and what it cannot say: that URLs and paths into documents can be read.
extension PolicyViolation {
  /// The most expectations of one probe, and the most status codes.
  private static let mostExpectations = 16

  static func probe(_ probe: ProbeTrigger, _ path: String) -> PolicyViolation? {
    guard (probe.service == nil) != (probe.url == nil) else {
      return PolicyViolation(
        path: path, problem: "needs exactly one of service and url",
        remedy: "set service for a Service of this namespace, url for anything else")
    }
    return probe.url.flatMap { url($0, "\(path).url") } ?? service(probe, path)
      ?? secret(probe.headersFrom, "\(path).headersFrom")
      ?? status(probe.expectStatus, "\(path).expectStatus") ?? json(probe.expectJSON, "\(path).expectJSON")
      ?? timeout(probe.timeout, "\(path).timeout")
      ?? count(probe.failureThreshold, "\(path).failureThreshold", most: 100)
  }

  static func value(_ value: ValueTrigger, _ path: String) -> PolicyViolation? {
    limited(value.criteria, path) ?? url(value.url, "\(path).url")
      ?? secret(value.headersFrom, "\(path).headersFrom")
      ?? jsonPath(value.jsonPath, "\(path).jsonPath") ?? timeout(value.timeout, "\(path).timeout")
  }

  // MARK: - Fields

  /// Whether its host may be reached is known only when it is asked for.
  private static func url(_ text: String, _ path: String) -> PolicyViolation? {
    do throws(OutboundURLError) {
      _ = try OutboundURL(text)
      return nil
    } catch {
      return PolicyViolation(path: path, problem: error.reason, remedy: error.remedy)
    }
  }

  private static func service(_ probe: ProbeTrigger, _ path: String) -> PolicyViolation? {
    guard let service = probe.service else {
      guard probe.port != nil else { return nil }
      return PolicyViolation(
        path: "\(path).port", problem: "is the port of a Service, and there is none",
        remedy: "write the port into url, or name a Service instead")
    }
    guard ObjectName.isLabel(service) else {
      return PolicyViolation(
        path: "\(path).service", problem: "is not the name of a Service",
        remedy: "write lower case letters, digits and -, at most 63")
    }
    switch probe.port {
    case .number(let number) where !(1...65_535).contains(number):
      return PolicyViolation(
        path: "\(path).port", problem: "\(number) is out of range", remedy: "write a number from 1 to 65535, or a name")
    case .name(let name) where !ObjectName.isLabel(name):
      return PolicyViolation(
        path: "\(path).port", problem: "is not the name of a port",
        remedy: "write a name of lower case letters, digits and -, or a number from 1 to 65535")
    default: break
    }
    // A path is all that is left of the URL; with any host it is read as with the Service's.
    guard probe.path.hasPrefix("/"), url("http://service\(probe.path)", path) == nil else {
      return PolicyViolation(
        path: "\(path).path", problem: "is not the path of a URL",
        remedy: "begin with a slash, and write other characters as escapes such as %20")
    }
    return nil
  }

  private static func status(_ codes: [Int], _ path: String) -> PolicyViolation? {
    guard codes.count <= mostExpectations else {
      return PolicyViolation(
        path: path, problem: "has \(codes.count) codes", remedy: "write at most \(mostExpectations), or none for 2xx")
    }
    guard let index = codes.firstIndex(where: { !(100...599).contains($0) }) else { return nil }
    return PolicyViolation(
      path: "\(path)[\(index)]", problem: "\(codes[index]) is no HTTP status",
      remedy: "write a number from 100 to 599")
  }

  private static func json(_ expectations: [ProbeTrigger.Expectation], _ path: String) -> PolicyViolation? {
    guard expectations.count <= mostExpectations else {
      return PolicyViolation(
        path: path, problem: "has \(expectations.count) entries", remedy: "have at most \(mostExpectations)")
    }
    for (index, one) in expectations.enumerated() {
      if let violation = jsonPath(one.path, "\(path)[\(index)].path") { return violation }
      switch one.equals {
      case .list, .object:
        return PolicyViolation(
          path: "\(path)[\(index)].equals", problem: "is \(one.equals)",
          remedy: "write a text, a number, true, false or null, and let path point to one value")
      case .null, .bool, .integer, .number, .text: break
      }
    }
    return nil
  }

  private static func jsonPath(_ text: String, _ path: String) -> PolicyViolation? {
    do throws(JSONPathError) {
      _ = try JSONPath(text)
      return nil
    } catch {
      return PolicyViolation(path: path, problem: error.description, remedy: "write for example $.checks[0].status")
    }
  }

  private static func timeout(_ value: PolicyDuration, _ path: String) -> PolicyViolation? {
    range(
      value, PolicyDuration(milliseconds: 100), path, most: .seconds(10),
      remedy: "write a duration from 100ms to 10s, such as 500ms, 5s or 10s")
  }
}
