import KubernetesClient
import Testing

@testable import LocalCluster

@Suite("Texts that the local cluster reads")
struct FileFormatTests {
  @Test(
    "Versions are read as servers print them",
    arguments: [
      ("Kubernetes v1.20.2\n", KubernetesVersion(major: 1, minor: 20)),
      ("Kubernetes v1.36.0-rc.1+abc", KubernetesVersion(major: 1, minor: 36)),
      ("v1.30+", KubernetesVersion(major: 1, minor: 30)),
      ("Usage: nothing", nil),
      ("very v1", nil),
    ])
  func versions(text: String, expected: KubernetesVersion?) {
    #expect(KubernetesVersion(parsing: text) == expected)
  }

  @Test("Manifests keep strings, numbers and quotation apart")
  func manifests() throws {
    let objects = try Manifest.objects(
      inYAML: """
        # a comment
        apiVersion: v1
        kind: ConfigMap
        data: {version: "1.20", port: 8080, ratio: 0.5, on: yes, empty: ~, flag: true, when: 2026-01-01}
        ---
        ---
        apiVersion: v1
        kind: Secret
        """)
    #expect(objects.count == 2)
    #expect(
      objects.first?["data"]
        == [
          "version": "1.20", "port": 8080, "ratio": 0.5, "on": "yes", "empty": nil, "flag": true, "when": "2026-01-01",
        ])
  }

  @Test("A manifest that is not one is refused", arguments: ["a: [", "- 1", "kind: Pod", "? {a: 1}\n: b"])
  func brokenManifests(text: String) {
    #expect(throws: ClusterError.self) { try Manifest.objects(inYAML: text) }
  }

  @Test(
    "Patches of the pod template are told from others",
    arguments: [
      (#"[{"op":"replace","path":"/spec/template","value":{}}]"#, 200, true),
      (#"[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"x"}]"#, 200, true),
      (#"{"spec":{"template":{"metadata":{}}}}"#, 200, true),
      (
        #"[{"op":"test","path":"/spec/template","value":{}},{"op":"add","path":"/metadata/labels/a","value":""}]"#, 200,
        false
      ),
      (#"{"spec":{"paused":true}}"#, 200, false),
      (#"{"spec":{"template":{}}}"#, 409, false),
    ])
  func templatePatches(body: String, code: Int, expected: Bool) throws {
    let line =
      #"{"stage":"ResponseComplete","verb":"patch","requestURI":"/apis/apps/v1/namespaces/a/deployments/b","#
      + #""user":{"username":"operator"},"objectRef":{"resource":"deployments","namespace":"a","name":"b","#
      + #""apiGroup":"apps"},"responseStatus":{"code":\#(code)},"requestObject":\#(body)}"#
    let event = try #require(AuditEvent(line: Array(line.utf8)))
    #expect(event.isTemplatePatch == expected)
    #expect(event.user == "operator")
    #expect(event.name == "b")
  }
}
