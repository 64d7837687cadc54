import KubernetesClient
import SimulatedCluster

extension World {
  /// What is wrong when a Deployment does not run this version or its events did not end like this.
  func expect(_ name: String = "web", version: Int, outcomes: [String]) -> [String] {
    var wrong: [String] = []
    if self.version(of: name) != version {
      wrong.append("\(name) runs version \(self.version(of: name).map { "\($0)" } ?? "none") and not \(version)")
    }
    let now = self.outcomes(of: name)
    if now != outcomes.sorted() { wrong.append("the events of \(name) are \(now) and not \(outcomes.sorted())") }
    return wrong
  }

  /// What is wrong when a Deployment is in none of these ends: the version that it runs, and how its events ended.
  func expect(_ name: String = "web", oneOf ends: [(version: Int, outcomes: [String])]) -> [String] {
    if ends.contains(where: { expect(name, version: $0.version, outcomes: $0.outcomes).isEmpty }) { return [] }
    let version = version(of: name).map { "\($0)" } ?? "none"
    let allowed = ends.map { "\($0.version) \($0.outcomes.sorted())" }.joined(separator: ", ")
    return ["\(name) runs version \(version) with \(outcomes(of: name)), which is none of: \(allowed)"]
  }

  /// What is wrong when a template that was rolled back and deployed again is not left as it is and reported.
  ///
  /// - Parameter version: the bad one.
  func expectKnownBad(_ name: String = "web", version: Int) -> [String] {
    var ends: [(Int, [String])] = [(version, ["Held", "Recovered"]), (version, ["Held", "Superseded"])]
    // Who may not write verdicts cannot know the template again; the ended event still keeps it from being undone.
    if isVerdictRefused(name) { ends += [(version, ["Recovered"]), (version, ["Superseded"])] }
    return expect(name, oneOf: ends) + expect(name, undosAtMost: 1)
  }

  private func isVerdictRefused(_ name: String) -> Bool {
    events(of: name).contains { event in
      (event.at("/status/timeline")?.array ?? []).contains {
        $0["what"]?.string?.hasPrefix("the verdict Bad could not be written") ?? false
      }
    }
  }

  /// What is wrong when operators changed the template of a Deployment more often than this.
  func expect(_ name: String = "web", undosAtMost limit: Int) -> [String] {
    let count = undos(of: name).count
    return count <= limit ? [] : ["the template of \(name) was changed \(count) times by operators"]
  }

  /// Accepted changes of a Deployment's pod template by operators, oldest first.
  func undos(of name: String) -> [Change] {
    server.changes.filter { change in
      guard change.resource == .deployments, change.name == name, ClusterView.isOperator(change.user),
        let before = change.old?.at("/spec/template"), let after = change.new.at("/spec/template")
      else { return false }
      return !before.isSemanticallyEqual(to: after)
    }
  }

  /// The first change that meets a condition.
  func firstChange(_ resource: APIResource, where isMeant: (Change) -> Bool) -> Change? {
    server.changes.first { $0.resource == resource && isMeant($0) }
  }

  /// Whether any rollback of a Deployment was planned before a change.
  func isPlanned(_ name: String = "web", before change: Change) -> Bool {
    let plan = firstChange(Undo.events) {
      $0.new.at("/spec/target/name")?.string == name && $0.new.at("/status/steps")?.array?.isEmpty == false
    }
    return plan.map { $0.resourceVersion < change.resourceVersion } ?? false
  }

  /// Whether an operator changed the template of a Deployment before a change.
  func isUndone(_ name: String = "web", before change: Change) -> Bool {
    undos(of: name).first.map { $0.resourceVersion < change.resourceVersion } ?? false
  }

  /// A moment that the seed chooses, in seconds since the beginning.
  func moment(_ range: ClosedRange<Double>) -> Duration { .seconds(engine.random(.scenario, in: range)) }

  /// What a person does; a refusal is a mistake of the scenario.
  func byHand(_ action: (Person) throws(Refusal) -> Void) {
    do throws(Refusal) {
      try action(person)
    } catch {
      violate("the scenario itself", "\(error.status)")
    }
  }
}
