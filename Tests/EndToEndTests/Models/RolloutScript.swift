import KubernetesClient
import Testing

/// What people do to one Deployment, step by step; after each step everything comes to rest.
struct RolloutScript: Sendable, CustomTestStringConvertible {
  enum Step: Sendable {
    case apply(Release, replicas: Int = 3)
    /// `nil` for the revision before the newest.
    case undo(Int? = nil)
    case pause
    case resume
    case restart
    case image(String)
    case scale(Int)
    /// `nil` removes.
    case annotate(String, String?)
    case deleteNewest
    case deletePod
    case deleteAll
    /// The Deployment goes, and what it has stays.
    case orphan
  }

  var title: String
  /// What differs from an ordinary Deployment.
  var spec: JSONValue = [:]
  var steps: [Step]
  /// How long nothing may change until it is believed.
  var calm = Duration.seconds(2)

  var testDescription: String { title }

  func manifest(_ release: Release, replicas: Int, namespace: String) -> JSONValue {
    // A short deadline, so that a rollout that is stuck says so soon.
    let workload = Workload(
      replicas: replicas, release: release, progressDeadlineSeconds: 4, strategy: ["type": "RollingUpdate"])
    var manifest = workload.object(namespace: namespace)
    for member in spec.object ?? [:] { manifest["spec"]?[member.key] = member.value }
    return manifest
  }
}

extension RolloutScript {
  private static let late = Release(version: 2, readyAfter: "1s")
  private static let fails = Release(version: 2, failAfter: "3s")

  static let all: [RolloutScript] = [
    RolloutScript(title: "good releases", steps: [.apply(.good(1)), .apply(.good(2)), .apply(late), .restart]),
    RolloutScript(title: "crash and undo", steps: [.apply(.good(1)), .apply(.bad(2)), .undo()]),
    RolloutScript(
      title: "undo of an undo", steps: [.apply(.good(1)), .apply(.good(2)), .undo(), .undo(), .undo(2), .undo(9)]),
    RolloutScript(
      title: "one bad release after the other",
      steps: [.apply(.good(1)), .apply(.bad(2, "ImagePull")), .apply(.bad(3, "OOMKilled")), .undo(1)]),
    RolloutScript(
      title: "unready, bigger and smaller in the middle",
      steps: [
        .apply(.good(1), replicas: 10), .apply(.bad(2, "Unready"), replicas: 10), .scale(20), .scale(4), .undo(),
      ]),
    RolloutScript(
      title: "pending with surge only",
      spec: ["strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 2, "maxUnavailable": 0]]],
      steps: [.apply(.good(1)), .apply(.bad(2, "Pending")), .scale(0), .scale(3), .undo()]),
    RolloutScript(
      title: "pause, new size, resume",
      steps: [.apply(.good(1)), .pause, .apply(.good(2)), .scale(5), .annotate("a", "1"), .resume]),
    RolloutScript(
      title: "paused in the middle",
      spec: ["strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 0, "maxUnavailable": "50%"]]],
      steps: [
        .apply(.good(1), replicas: 4), .apply(.bad(2), replicas: 4), .pause, .scale(8), .undo(), .resume, .undo(),
      ]),
    RolloutScript(
      title: "recreate", spec: ["strategy": ["type": "Recreate"]],
      steps: [.apply(.good(1)), .apply(.good(2)), .apply(.bad(3)), .scale(5), .undo()]),
    RolloutScript(
      title: "short history", spec: ["revisionHistoryLimit": 2],
      steps: [.apply(.good(1)), .apply(.good(2)), .apply(.good(1)), .apply(.good(3)), .apply(.good(4)), .undo()]),
    RolloutScript(
      title: "no history, ready for a while", spec: ["revisionHistoryLimit": 0, "minReadySeconds": 2],
      steps: [.apply(.good(1)), .apply(.good(2)), .undo(), .image("web:9")]),
    RolloutScript(title: "fails later", steps: [.apply(.good(1)), .apply(fails), .apply(.good(3))], calm: .seconds(5)),
    RolloutScript(
      title: "annotations and deletions",
      steps: [
        .apply(.good(1)), .annotate("kubernetes.io/change-cause", "first"), .apply(.good(2)),
        .annotate("kubernetes.io/change-cause", "second"), .annotate("example.com/owner", nil), .deletePod,
        .deleteNewest, .undo(), .scale(1), .deleteAll, .apply(.good(1)),
      ]),
    RolloutScript(title: "orphans", steps: [.apply(.good(1)), .apply(.good(2)), .orphan, .apply(.good(2)), .undo()]),
    RolloutScript(
      title: "without deadline", spec: ["progressDeadlineSeconds": 2_147_483_647],
      steps: [.apply(.good(1), replicas: 1), .apply(.bad(2), replicas: 1), .undo()]),
  ]
}
