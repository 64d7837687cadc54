import FoundationEssentials
import KubernetesClient
import RollbackCore
import RollbackOperator
import Testing

@testable import LocalCluster

@Suite("Credentials of the operator", .showsLogs, .timeLimitOfQueue)
struct FaultCredentialTests {
  @Test("Certificate and key are replaced while a rollback runs, and the old ones lose their rights: nothing is missed")
  func rotation() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let cluster = scene.world.cluster
      let path = "\(scene.folder)/rotated.kubeconfig"
      try cluster.writeKubeconfig(
        to: path, user: "operator", credentials: cluster.issueClientCertificate(commonName: World.operatorUser),
        withFiles: true)
      let instance = try await scene.startOperator(kubeconfig: path)
      try await scene.protect(Workload(replicas: 1, release: Release(version: 1, readyAfter: "5s")))
      try await scene.rollOut(.bad(2))
      try await scene.runs(1)
      try await scene.grantSuccessor()
      let successor = try cluster.issueClientCertificate(commonName: Scene.successor)
      // As a kubelet or a person does it: one file after the other.
      try FileSystem.write(successor.certificate, to: "\(path).crt")
      try await Task.sleep(for: .milliseconds(200))
      try FileSystem.write(successor.privateKey + "\n", to: "\(path).key")
      try await scene.isAsUndisturbed()

      var minutes = 10
      try await eventually("the new certificate is in use", within: .seconds(30)) {
        // Something to write for, in each round.
        minutes += 1
        try await scene.policy("{target: {name: web}, trial: {window: \(minutes)m}}")
        let users = Set(
          try cluster.auditEvents(namespace: scene.namespace).filter { $0.namespace == scene.namespace }.map(\.user))
        return Progress(users.contains(Scene.successor), "\(users)")
      }
      try await scene.world.client.delete(
        .roleBindings, namespace: scene.namespace, name: "operator-rollback-operator")
      try await scene.rollOut(.bad(3))
      try await eventually("the next bad release is undone by the new user") {
        let patches = try cluster.auditEvents(namespace: scene.namespace).filter {
          $0.isTemplatePatch && $0.namespace == scene.namespace && $0.user == Scene.successor
        }
        return Progress(patches.count == 1, "\(patches.count)")
      }
      #expect(instance.exit == nil)
    }
  }

  @Test("An authority that did not sign the server's certificate is named, with what to do")
  func wrongAuthority() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let cluster = scene.world.cluster
      let stranger = try CertificateAuthority(commonName: "stranger")
      let path = "\(scene.folder)/stranger.kubeconfig"
      try cluster.writeKubeconfig(
        to: path, user: "operator", credentials: cluster.issueClientCertificate(commonName: World.operatorUser),
        trust: stranger.certificate, withFiles: true)
      let instance = try await scene.startOperator(kubeconfig: path, waitsUntilReady: false)
      try await scene.says(
        instance, "its certificate is not trusted: it is not signed by the certificate authority", "\(path).ca.crt",
        "CN=stranger", "give the authority that signed it as certificate-authority")
      // The right one put into place is all that is needed.
      try FileSystem.write(cluster.trustBundle, to: "\(path).ca.crt")
      try await scene.says(instance, "Caches are whole")
    }
  }

  @Test("A client certificate that the server does not accept is named, with what to do")
  func foreignCertificate() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let stranger = try CertificateAuthority(commonName: "stranger")
      let path = "\(scene.folder)/foreign.kubeconfig"
      try scene.world.cluster.writeKubeconfig(
        to: path, user: "operator",
        credentials: stranger.issueClient(
          commonName: World.operatorUser, organizations: [], validFor: .seconds(3600)),
        withFiles: true)
      let instance = try await scene.startOperator(kubeconfig: path, waitsUntilReady: false)
      try await scene.says(
        instance, "the API server \(scene.world.cluster.address) does not accept",
        "the client certificate of \(path).crt (CN=operator)", "give one that its client certificate authority signed")
    }
  }

  @Test("An expired client certificate ends the start with status 2, and is named, with what to do")
  func expiredCertificate() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let cluster = scene.world.cluster
      let path = "\(scene.folder)/expired.kubeconfig"
      try cluster.writeKubeconfig(
        to: path, user: "operator",
        credentials: cluster.issueClientCertificate(commonName: World.operatorUser, validFor: .seconds(-60)),
        withFiles: true)
      let instance = try await scene.startOperator(kubeconfig: path, waitsUntilReady: false)
      let exit = await instance.waitForExit()
      #expect(exit == .exited(2))
      try await scene.says(
        instance, "rollback-operator: ", "the client certificate of \(path).crt (CN=operator) expired at",
        "put a renewed certificate and its key into place")
    }
  }

  @Test("A right that is missing is named; given, the operator goes on without a restart")
  func noRights() async throws {
    try await Scene.play(startsOperator: false) { scene in
      let binding = "operator-rollback-operator"
      try await scene.world.client.delete(.roleBindings, namespace: scene.namespace, name: binding)
      let instance = try await scene.startOperator(waitsUntilReady: false)
      try await scene.says(
        instance, "403 Forbidden: rollbackpolicies.rollback-operator.io is forbidden", "cannot list resource",
        "in the namespace", scene.namespace, "a Role or ClusterRole has to grant this right")
      try await scene.world.grant(in: scene.namespace)
      try await scene.says(instance, "Caches are whole")
      #expect(instance.exit == nil)
    }
  }
}

extension Scene {
  fileprivate static let successor = "operator-2"

  /// Waits until all of this is in an operator's log.
  fileprivate func says(_ instance: OperatorInstance, _ parts: String...) async throws {
    for part in parts {
      try await eventually("the operator says: \(part)", within: .seconds(60)) {
        Progress(instance.log.contains(part), instance.logTail)
      }
    }
  }

  /// Gives a second user the rights of the operator's.
  fileprivate func grantSuccessor() async throws {
    let group = "rbac.authorization.k8s.io"
    try await client.create(
      .roleBindings, namespace: namespace,
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": ["name": "successor"],
        "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": "rollback-operator"],
        "subjects": [["kind": "User", "apiGroup": .string(group), "name": .string(Self.successor)]],
      ])
  }
}
