import FoundationEssentials
import RollbackCore

extension PolicyViolation {
  /// What is wrong with the rows of the decision matrix.
  static func decisions(_ rules: [DecisionRule]) -> PolicyViolation? {
    var severities: Set<Trigger.Severity> = []
    for (index, rule) in rules.enumerated() {
      let path = "spec.decisions[\(index)]"
      if !severities.insert(rule.severity).inserted {
        return PolicyViolation(
          path: "\(path).severity", problem: "\(rule.severity.rawValue) has two rows",
          remedy: "give each severity one row")
      }
      if let violation = decision(rule, path) { return violation }
    }
    return nil
  }

  private static func decision(_ rule: DecisionRule, _ path: String) -> PolicyViolation? {
    if rule.respond != .ask, rule.within != nil || rule.onTimeout != nil {
      return PolicyViolation(
        path: path, problem: "within and onTimeout are for respond: Ask", remedy: "leave them out or set respond to Ask"
      )
    }
    if let violation = schedule(rule, path) { return violation }
    if let raise = rule.raise {
      guard raise.to.isMoreSevere(than: rule.severity) else {
        return PolicyViolation(
          path: "\(path).raise.to", problem: "\(raise.to.rawValue) is not above \(rule.severity.rawValue)",
          remedy: "write a higher severity")
      }
      if let violation = period(raise.after, "\(path).raise.after") { return violation }
    }
    return rule.within.flatMap { period($0, "\(path).within") }
      ?? rule.hotfixWindow.flatMap { period($0, "\(path).hotfixWindow") }
      ?? escalation(rule.escalate, "\(path).escalate")
  }

  private static func schedule(_ rule: DecisionRule, _ path: String) -> PolicyViolation? {
    guard rule.respond == .schedule else {
      guard rule.at != nil || rule.timeZone != nil else { return nil }
      return PolicyViolation(
        path: path, problem: "at and timeZone are for respond: Schedule",
        remedy: "leave them out or set respond to Schedule")
    }
    guard let at = rule.at else {
      return PolicyViolation(
        path: "\(path).at", problem: "is missing, so that nothing would ever be done",
        remedy: "write five fields as for a CronJob, such as `0 22 * * *`")
    }
    guard let zone = rule.timeZone == nil ? .gmt : TimeZone(identifier: rule.timeZone ?? "") else {
      return PolicyViolation(
        path: "\(path).timeZone", problem: "\(rule.timeZone ?? "") is no time zone",
        remedy: "write a name of the tz database, such as Europe/Berlin, or leave it out for UTC")
    }
    guard at.next(after: Date(timeIntervalSince1970: 0), in: zone) == nil else { return nil }
    return PolicyViolation(
      path: "\(path).at", problem: "\(at) names no time that exists", remedy: "name a day that its months have")
  }

  private static func escalation(_ stages: [DecisionRule.Escalation], _ path: String) -> PolicyViolation? {
    guard stages.count <= 8 else {
      return PolicyViolation(path: path, problem: "\(stages.count) stages", remedy: "write at most 8")
    }
    for (index, stage) in stages.enumerated() {
      let path = "\(path)[\(index)]"
      if let violation = period(stage.after, "\(path).after") { return violation }
      guard !stages[..<index].contains(where: { $0.after == stage.after }) else {
        return PolicyViolation(
          path: "\(path).after", problem: "\(stage.after) has two stages", remedy: "name all of them in one")
      }
      guard (1...16).contains(stage.notify.count), Set(stage.notify).count == stage.notify.count,
        stage.notify.allSatisfy({ ObjectName.isLabel($0) })
      else {
        return PolicyViolation(
          path: "\(path).notify", problem: "not 1 to 16 names, each once",
          remedy: "write names of lower case letters, digits and -, such as [team]")
      }
    }
    return nil
  }

  /// What is wrong with the named connections.
  static func sources(_ sources: [PolicySource]) -> PolicyViolation? {
    var names: Set<String> = []
    for (index, source) in sources.enumerated() {
      let path = "spec.sources[\(index)]"
      guard ObjectName.isLabel(source.name), names.insert(source.name).inserted else {
        return PolicyViolation(
          path: "\(path).name", problem: "is no name, or is used twice",
          remedy: "write lower case letters, digits and -, and give each source its own name")
      }
      if let violation = server(source.prometheus, "\(path).prometheus") { return violation }
    }
    return nil
  }

  private static func server(_ server: PolicySource.Prometheus, _ path: String) -> PolicyViolation? {
    do throws(OutboundURLError) {
      _ = try OutboundURL(server.address)
    } catch {
      return PolicyViolation(path: "\(path).address", problem: error.reason, remedy: error.remedy)
    }
    if server.bearerTokenFrom != nil, server.basicAuthFrom != nil {
      return PolicyViolation(
        path: path, problem: "has both bearerTokenFrom and basicAuthFrom, which are both sent as Authorization",
        remedy: "leave one of them out")
    }
    if (server.tls?.certFrom == nil) != (server.tls?.keyFrom == nil) {
      return PolicyViolation(
        path: "\(path).tls", problem: "has only one of certFrom and keyFrom", remedy: "set both, or none")
    }
    guard (.init(milliseconds: 100) ... .seconds(10)).contains(server.timeout) else {
      return PolicyViolation(
        path: "\(path).timeout", problem: "\(server.timeout) is out of range",
        remedy: "write a duration from 100ms to 10s")
    }
    return secret(server.headersFrom, "\(path).headersFrom") ?? secret(
      server.bearerTokenFrom, "\(path).bearerTokenFrom")
      ?? secret(server.basicAuthFrom, "\(path).basicAuthFrom") ?? secret(server.tls?.caFrom, "\(path).tls.caFrom")
      ?? secret(server.tls?.certFrom, "\(path).tls.certFrom") ?? secret(server.tls?.keyFrom, "\(path).tls.keyFrom")
  }
}
