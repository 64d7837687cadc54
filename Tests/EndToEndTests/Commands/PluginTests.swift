import FoundationEssentials
import Glibc
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("The kubectl plugin on a real control plane", .showsLogs, .timeLimitOfQueue)
struct PluginTests {
  private static let shortTrial = "target: {name: web}\ntrial: {window: 4s}"

  @Test("undo --wait returns to the last good revision, and history, explain and get tell it")
  func undo() async throws {
    try await Scene.play { scene in
      let plugin = Plugin(scene: scene)
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      try await scene.policy()
      try await scene.rollOutAndWait(.good(2))

      let before = try await plugin.run("history", "deploy/web")
      let rows = before.output.split(separator: "\n").map(String.init)
      #expect(rows.count > 2 && rows[1].hasPrefix("2") && rows[1].contains("current"), "\(before)")
      #expect(rows.count > 2 && rows[2].contains("Good") && rows[2].contains("an undo goes here"), "\(before)")

      let undo = try await plugin.run("undo", "deploy/web", "--reason", "the basket is empty", "--wait")
      #expect(undo.status == 0, "\(undo)")
      #expect(undo.output.hasPrefix("rollbackevent.rollback-operator.io/web-"), "\(undo)")
      #expect(undo.error.contains("Recovered"), "\(undo)")
      #expect(try await scene.version() == 1)
      let event = try #require(try await scene.events().first { undo.output.contains($0.metadata.name) })

      let after = try await plugin.run("history", "deploy/web")
      #expect(after.output.contains("Bad") && after.output.contains(event.metadata.name), "\(after)")
      let story = try await plugin.run("explain", event.metadata.name)
      #expect(story.output.contains("the basket is empty") && story.output.contains("Recovered"), "\(story)")
      let policies = try await plugin.run("get")
      #expect(policies.status == 0 && policies.output.contains(event.metadata.name), "\(policies)")
      let mine = try await plugin.run("get", "events").output.split(separator: "\n").first.map(String.init) ?? ""
      let theirs =
        try await scene.world.kubectl("get", "rollbackevents", "-n", scene.namespace)
        .split(separator: "\n").first.map(String.init) ?? ""
      #expect(mine.split(separator: " ") == theirs.split(separator: " "))

      // Version 1 runs already: the operator refuses, and so does the command.
      let current = try await plugin.run("undo", "deploy/web", "--reason", "again", "--to-revision", "3", "--wait")
      #expect(current.status == 2, "\(current)")
    }
  }

  @Test("explain says what each trigger reads and what would happen")
  func explain() async throws {
    try await Scene.play { scene in
      let plugin = Plugin(scene: scene)
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      let quiet = try await plugin.run("explain", "deploy/web")
      #expect(quiet.status == 0 && quiet.output.contains("no revision is on trial"), "\(quiet)")
      try await scene.policy()
      try await scene.rollOutAndWait(.good(2))
      try await eventually("explain knows the trial") {
        let trial = try await plugin.run("explain", "deploy/web")
        return Progress(trial.output.contains("at once return to revision 1"), "\(trial)")
      }
      let details = try await plugin.run("get", "deploy/web")
      #expect(details.output.contains("Trial ends") && details.output.contains("pods"), "\(details)")
      let lost = try await plugin.run("explain", "nothing")
      #expect(lost.status == 1 && lost.error.contains("nothing"), "\(lost)")
    }
  }

  @Test("lint judges what is in the checkout, and its status says so")
  func lint() async throws {
    let examples = try await Tool.run(
      Plugin.executable, ["lint", "-f", "\(Tool.checkout)/manifests/examples/smallest"])
    #expect(examples.succeeded && examples.output.contains("nothing wrong"), "\(examples)")
    let policy = "apiVersion: rollback-operator.io/v1alpha1\nkind: RollbackPolicy\nmetadata: {name: a}\nspec: {}"
    let wrong = try await Tool.run(Plugin.executable, ["lint", "-f", "-"], input: policy)
    #expect(!wrong.succeeded && wrong.output.hasPrefix("standard input:4:7: document 1"), "\(wrong)")
  }

  @Test("get -w prints each event when it comes and again when it has changed")
  func watch() async throws {
    try await Scene.play { scene in
      try await scene.deploy()
      try await scene.rollOutAndWait(.good(2))
      let log = "\(scene.folder)/watch.log"
      let child = try await ChildProcess.start(
        arguments: [
          Plugin.executable, "get", "events", "-w", "--kubeconfig", scene.world.cluster.kubeconfig, "-n",
          scene.namespace,
        ], environment: ["PATH": "/usr/bin:/bin"], log: log)
      let name = try await scene.askForRollback()
      _ = try await scene.ended(name)
      try await eventually("the watch shows the end of the rollback") {
        let text = (try? FileSystem.read(log)) ?? ""
        let rows = text.split(separator: "\n").filter { $0.hasPrefix(name) }
        return Progress(rows.last?.contains("Recovered") == true && text.hasPrefix("NAME "), text)
      }
      child.send(SIGINT)
      _ = await child.waitForExit()
    }
  }

  @Test("forgive lets a revision that was rolled back be good again")
  func forgive() async throws {
    try await Scene.play { scene in
      let plugin = Plugin(scene: scene)
      try await scene.deploy()
      try await scene.policy(Self.shortTrial)
      try await scene.verdict(1, becomes: "Good")
      try await scene.rollOut(.bad(2))
      try await scene.event(.recovered)
      try await scene.verdict(2, becomes: "Bad")
      let forgiven = try await plugin.run("forgive", "deploy/web", "--reason", "the database was down")
      #expect(forgiven.status == 0, "\(forgiven)")
      #expect(try await scene.verdict(2) == nil)
      let annotations = try await scene.replicaSet(2)?.at("/metadata/annotations")
      #expect(annotations?["rollback-operator.io/forgiven"] == "1")
      #expect(annotations?["rollback-operator.io/forgiven-by"]?.string?.hasSuffix("the database was down") == true)
      // Deployed again it is judged anew, not held as known to be bad.
      let first = try await scene.events().count
      try await scene.rollOut(.bad(2))
      try await eventually("the template is rolled back a second time") {
        let events = try await scene.events()
        let isUndone = events.count { $0.spec.trigger?.name == "pods" && $0.status.outcome == .recovered } == 2
        return Progress(events.count > first && isUndone, "\(events.map(\.status))")
      }
      let again = try await plugin.run("forgive", "deploy/web", "--reason", "once more")
      #expect(again.status == 0 && again.output.contains("is forgiven"), "\(again)")
      let nothing = try await plugin.run("forgive", "deploy/web", "--reason", "and more")
      #expect(nothing.status == 2, "\(nothing)")
    }
  }

  @Test("hold and release write and remove what the operator reads")
  func hold() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let plugin = Plugin(scene: scene)
      try await scene.deploy()
      try await scene.policy(waits: false)
      for (subject, resource) in [("deploy/web", APIResource.deployments), ("policy/web", .rollbackPolicies)] {
        #expect(try await plugin.run("hold", subject, "--reason", "migration").status == 0)
        let held = try await scene.client.getValue(resource, namespace: scene.namespace, name: "web")
        #expect(held["metadata"]?["annotations"]?["rollback-operator.io/hold"] == "migration")
        let twice = try await plugin.run("hold", subject, "--reason", "other")
        #expect(twice.status == 2 && twice.error.contains("migration"), "\(twice)")
        #expect(try await plugin.run("release", subject).status == 0)
        let free = try await scene.client.getValue(resource, namespace: scene.namespace, name: "web")
        #expect(free["metadata"]?["annotations"]?["rollback-operator.io/hold"] == nil)
      }
      // The Deployment controller copies annotations to the ReplicaSet, and `kubectl rollout undo` copies them back.
      #expect(try await scene.replicaSet(1)?["metadata"]?["annotations"]?["rollback-operator.io/hold"] == nil)
    }
  }

  @Test("freeze writes the ConfigMap, shows it and removes it")
  func freeze() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let plugin = Plugin(scene: scene)
      let place = ["--operator-namespace", scene.namespace]
      let on = try await plugin.run(
        ["freeze", "on", "--until", "2h", "--reason", "Black Friday", "--allow", "Critical"] + place)
      #expect(on.status == 0, "\(on)")
      let map = try await scene.client.getValue(
        .configMaps, namespace: scene.namespace, name: "rollback-operator-freeze")
      #expect(map["data"]?["reason"] == "Black Friday" && map["data"]?["allow"] == "Critical")
      let until = map["data"]?["until"]?.string.flatMap { Timestamp.date($0) }
      #expect((until?.timeIntervalSince(Date()) ?? 0) > 3_600)
      #expect(try await plugin.run(["freeze"] + place).output.contains("Black Friday"))
      #expect(try await plugin.run(["freeze", "off"] + place).status == 0)
      #expect(
        try await !scene.client.exists(.configMaps, namespace: scene.namespace, name: "rollback-operator-freeze"))
    }
  }
}
