import KubernetesClient
import RollbackOperator
import Simulation

/// The objects and the changes that sequences are made of.
struct DifferentialBodies {
  var namespace: String

  private func pick<Element>(_ elements: [Element], _ random: inout SeededGenerator) -> Element {
    elements[random.index(below: elements.count)]
  }

  func valid(_ resource: APIResource, _ name: String, _ random: inout SeededGenerator) -> JSONValue {
    var body = content(resource, &random)
    body["apiVersion"] = .string(resource.apiVersion)
    body["kind"] = .string(resource.kind)
    var metadata: JSONValue = ["name": .string(name)]
    if random.chance(0.7) { metadata["labels"] = ["app": .string(pick(["web", "api"], &random))] }
    if random.chance(0.3) { metadata["annotations"] = ["example.com/note": "one"] }
    if random.chance(0.1) { metadata["finalizers"] = ["example.com/hold"] }
    body["metadata"] = metadata
    return body
  }

  private func content(_ resource: APIResource, _ random: inout SeededGenerator) -> JSONValue {
    switch resource {
    case .configMaps: return ["data": ["key": .string(pick(["one", "two"], &random))]]
    case .secrets: return ["data": ["key": "b25l"]]
    case .leases:
      return [
        "spec": [
          "holderIdentity": .string(pick(["a", "b"], &random)), "leaseDurationSeconds": 15,
          "renewTime": "2026-01-02T03:04:05.000006Z",
        ]
      ]
    case .deployments, .replicaSets: return ["spec": workload(resource, &random)]
    case .pods:
      return ["spec": ["containers": [container(&random)], "automountServiceAccountToken": false]]
    case .events:
      return [
        "involvedObject": ["kind": "Pod", "name": "a", "namespace": .string(namespace)],
        "reason": .string(pick(["Started", "Killed"], &random)),
        "message": "it happened", "type": "Normal", "source": ["component": "tester"], "count": 1,
      ]
    case .rollbackPolicies: return ["spec": policy(&random)]
    default: return ["spec": event(&random)]
    }
  }

  private func container(_ random: inout SeededGenerator) -> JSONValue {
    var container: JSONValue = [
      "name": "web", "image": .string(pick(["web:1", "web:2", "web", "web:latest"], &random)),
    ]
    if random.chance(0.3) {
      container["env"] = [
        ["name": "COLOUR", "value": "red"],
        ["name": "NODE", "valueFrom": ["fieldRef": ["fieldPath": "spec.nodeName"]]],
      ]
    }
    if random.chance(0.3) { container["ports"] = [["containerPort": 8080]] }
    if random.chance(0.3) { container["readinessProbe"] = ["httpGet": ["port": 8080]] }
    if random.chance(0.2) { container["resources"] = ["requests": ["cpu": "100m"]] }
    return container
  }

  private func workload(_ resource: APIResource, _ random: inout SeededGenerator) -> JSONValue {
    var template: JSONValue = [
      "metadata": ["labels": ["app": "web"]], "spec": ["containers": [container(&random)]],
    ]
    if random.chance(0.2) {
      template["spec"]?["volumes"] = [["name": "files", "configMap": ["name": "files"]], ["name": "scratch"]]
    }
    if random.chance(0.2) { template["metadata"]?["annotations"] = ["example.com/restarted": "now"] }
    var spec: JSONValue = ["selector": ["matchLabels": ["app": "web"]], "template": template]
    if random.chance(0.6) { spec["replicas"] = JSONValue(pick([0, 2, 3], &random)) }
    guard resource == .deployments else { return spec }
    if random.chance(0.2) { spec["strategy"] = ["type": "Recreate"] }
    if random.chance(0.2) { spec["strategy"] = ["rollingUpdate": ["maxSurge": 1]] }
    if random.chance(0.2) { spec["paused"] = true }
    if random.chance(0.2) { spec["progressDeadlineSeconds"] = 60 }
    return spec
  }

  private func policy(_ random: inout SeededGenerator) -> JSONValue {
    var spec: JSONValue = ["target": ["name": .string(pick(["web", "api"], &random))]]
    if random.chance(0.2) {
      spec["target"] = ["selector": ["matchLabels": ["app": "web"]]]
    }
    if random.chance(0.4) { spec["trial"] = ["window": .string(pick(["5m", "1h30m", "90s"], &random))] }
    if random.chance(0.4) { spec["triggers"] = [["name": "pods", "pods": ["unready": ["above": "50%"]]]] }
    if random.chance(0.2) {
      spec["triggers"] = [["name": "rollout", "rollout": [:]], ["name": "slow", "rollout": ["stalledFor": "5m"]]]
    }
    if random.chance(0.3) { spec["mode"] = "Observe" }
    return spec
  }

  private func event(_ random: inout SeededGenerator) -> JSONValue {
    if random.chance(0.3) {
      return [
        "origin": "Trigger", "target": ["kind": "Deployment", "name": "web", "uid": "u"],
        "policy": ["name": "p", "uid": "q"], "trigger": ["name": "pods", "severity": "High"], "suspect": ["hash": "h"],
      ]
    }
    return [
      "origin": "Manual", "reason": .string(pick(["it is slow", "it is red"], &random)),
      "target": ["kind": "Deployment", "name": "web"],
    ]
  }

  /// A creation that must be refused.
  func invalid(_ resource: APIResource, _ name: String, _ random: inout SeededGenerator) -> JSONValue {
    var body = valid(resource, name, &random)
    switch random.index(below: 8) {
    case 0: body["metadata"]?["name"] = nil
    case 1: body["metadata"]?["name"] = "Not_A_Name"
    case 2: body["metadata"]?["namespace"] = "elsewhere"
    case 3: body["metadata"]?["labels"] = ["bad key": "value"]
    case 4: body["metadata"]?["labels"] = ["key": "bad value!"]
    case 5: body["kind"] = "Nonsense"
    case 6: body["metadata"]?["resourceVersion"] = "7"
    default: body = broken(resource, body, &random)
    }
    return body
  }

  private func broken(_ resource: APIResource, _ body: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    var body = body
    switch resource {
    case .deployments, .replicaSets:
      switch random.index(below: 4) {
      case 0: body["spec"]?["selector"] = nil
      case 1: body["spec"]?["selector"] = ["matchLabels": ["app": "other"]]
      case 2: body["spec"]?["replicas"] = -1
      default: body["spec"]?["template"]?["spec"]?["containers"] = []
      }
    case .pods: body["spec"]?["containers"] = [["name": "web"]]
    case .rollbackPolicies:
      switch random.index(below: 5) {
      case 0: body["spec"]?["target"] = ["name": "web", "selector": [:]]
      case 1: body["spec"]?["trial"] = ["window": "soon"]
      case 2: body["spec"]?["trial"] = ["window": "5m", "initialDelay": "10m"]
      case 3: body["spec"]?["mode"] = "Maybe"
      default: body["spec"]?["triggers"] = [["name": "x"]]
      }
    case .rollbackEvents:
      switch random.index(below: 3) {
      case 0: body["spec"]?["origin"] = "Nobody"
      case 1: body["spec"]?["reason"] = nil
      default: body["spec"]?["target"] = nil
      }
      if body["spec"]?["origin"]?.string == "Trigger" { body["spec"]?["trigger"] = nil }
    default: body["metadata"]?["name"] = ".."
    }
    return body
  }

  /// A merge that changes what is wanted.
  func change(_ resource: APIResource, _ random: inout SeededGenerator) -> JSONValue {
    switch resource {
    case .configMaps: return ["data": ["key": .string(pick(["one", "two", "three"], &random)), "other": "x"]]
    case .secrets: return ["data": ["key": .string(pick(["b25l", "dHdv"], &random))]]
    case .leases:
      return ["spec": ["holderIdentity": .string(pick(["a", "b", "c"], &random)), "leaseTransitions": 1]]
    case .deployments, .replicaSets: return ["spec": workloadChange(resource, &random)]
    case .pods: return ["metadata": ["labels": ["app": .string(pick(["web", "api"], &random))]]]
    case .events: return ["count": JSONValue(pick([1, 2, 3], &random)), "message": "again"]
    case .rollbackPolicies:
      return pick(
        [
          ["spec": ["mode": "Observe"]], ["spec": ["mode": .null]], ["spec": ["suspend": true]],
          ["spec": ["trial": ["window": "20m"]]], ["spec": ["trial": ["window": "often"]]],
          ["spec": ["nonsense": 1]], ["spec": ["limits": ["cooldown": "30m"]]], ["spec": ["target": .null]],
        ], &random)
    default:
      return pick(
        [
          ["spec": ["reason": "another"]], ["spec": ["mode": "Observe"]],
          ["spec": ["approval": ["decision": "Approved", "by": "me"]]], ["spec": ["nonsense": 1]],
          ["spec": ["target": ["name": "other"]]], ["spec": ["requestedBy": "me"]],
        ], &random)
    }
  }

  private func workloadChange(_ resource: APIResource, _ random: inout SeededGenerator) -> JSONValue {
    let changes: [JSONValue] = [
      ["replicas": 4], ["replicas": 0], ["replicas": .null], ["replicas": -1], ["minReadySeconds": 5],
      ["selector": ["matchLabels": ["app": "other"]]], ["template": ["metadata": ["annotations": ["at": "noon"]]]],
      ["template": ["spec": ["containers": [["name": "web", "image": "web:5"]]]]],
      ["template": ["spec": ["containers": [["name": "web"]]]]],
    ]
    let own: [JSONValue] = [
      ["paused": true], ["paused": .null], ["strategy": ["type": "Recreate", "rollingUpdate": .null]],
      ["strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": 0]]], ["strategy": .null],
      ["revisionHistoryLimit": 3], ["progressDeadlineSeconds": .null], ["strategy": ["type": "Sideways"]],
    ]
    return pick(resource == .deployments ? changes + own : changes, &random)
  }

  func metadata(_ random: inout SeededGenerator) -> JSONValue {
    pick(
      [
        ["metadata": ["labels": ["tier": "front"]]], ["metadata": ["labels": ["tier": .null]]],
        ["metadata": ["labels": ["bad key": "x"]]], ["metadata": ["annotations": ["example.com/note": "two"]]],
        ["metadata": ["annotations": .null]], ["metadata": ["annotations": ["example.com/note": .null]]],
        ["metadata": ["finalizers": ["example.com/hold"]]], ["metadata": ["finalizers": .null]],
        ["metadata": ["finalizers": ["example.com/hold", "example.com/more"]]], ["metadata": ["generation": 99]],
        ["metadata": ["name": "other"]],
      ], &random)
  }

  func operations(_ resource: APIResource, _ random: inout SeededGenerator) -> [JSONPatchOperation] {
    var all: [[JSONPatchOperation]] = [
      [.add(path: "/metadata/labels", value: ["app": "json"])],
      [.test(path: "/metadata/name", value: "a"), .add(path: "/metadata/annotations", value: ["by": "json"])],
      [.remove(path: "/metadata/annotations")], [.add(path: "/metadata/nothing/here", value: 1)],
      [.test(path: "/metadata/labels/app", value: "web"), .replace(path: "/metadata/labels/app", value: "api")],
      [.copy(from: "/metadata/name", path: "/metadata/labels/app")],
    ]
    if resource == .deployments || resource == .replicaSets {
      all += [
        [.replace(path: "/spec/replicas", value: 6)],
        [.replace(path: "/spec/template/spec/containers/0/image", value: "web:6")],
        [.add(path: "/spec/template/spec/containers/-", value: ["name": "side", "image": "side:1"])],
        [.remove(path: "/spec/template/spec/containers/0")],
      ]
    }
    return pick(all, &random)
  }

  func status(_ resource: APIResource, _ random: inout SeededGenerator) -> JSONValue {
    switch resource {
    case .deployments:
      return [
        "status": [
          "replicas": JSONValue(pick([1, 2], &random)), "observedGeneration": 1,
          "conditions": [["type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"]],
        ]
      ]
    case .replicaSets: return ["status": ["replicas": JSONValue(pick([1, 2], &random)), "readyReplicas": 1]]
    case .pods: return ["status": ["phase": .string(pick(["Running", "Failed"], &random))]]
    case .rollbackPolicies: return ["status": ["observedGeneration": 1, "nonsense": true]]
    case .rollbackEvents: return ["status": ["outcome": .string(pick(["Recovered", "Failed", "Strange"], &random))]]
    default: return ["status": ["nothing": true]]
    }
  }
}
