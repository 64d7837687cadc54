import KubernetesClient

/// How a Deployment replaces its pods.
enum RolloutStrategy: Equatable {
  case recreate
  case rollingUpdate(maxSurge: Amount, maxUnavailable: Amount)

  /// A number of pods, or a part of them.
  enum Amount: Equatable {
    case pods(Int)
    case percent(Int)

    /// What cannot be read counts as none, which the API server would have refused.
    init(_ value: JSONValue?, default percent: Int) {
      guard let value else {
        self = .percent(percent)
        return
      }
      if let text = value.string {
        self = text.hasSuffix("%") ? .percent(Int(text.dropLast()) ?? 0) : .pods(Int(text) ?? 0)
      } else {
        self = .pods(value.int ?? 0)
      }
    }

    func of(_ total: Int, roundsUp: Bool) -> Int {
      switch self {
      case .pods(let count): count
      case .percent(let percent): roundsUp ? (total * percent + 99) / 100 : total * percent / 100
      }
    }
  }

  init(_ strategy: JSONValue?) {
    if strategy?["type"]?.string == "Recreate" {
      self = .recreate
      return
    }
    let parameters = strategy?["rollingUpdate"]
    self = .rollingUpdate(
      maxSurge: Amount(parameters?["maxSurge"], default: 25),
      maxUnavailable: Amount(parameters?["maxUnavailable"], default: 25))
  }

  var isRecreate: Bool { self == .recreate }

  /// How many pods there may be beyond the wanted ones.
  func maxSurge(of replicas: Int) -> Int {
    guard case .rollingUpdate(let surge, _) = self else { return 0 }
    return surge.of(replicas, roundsUp: true)
  }

  /// How many of the wanted pods may be missing.
  func maxUnavailable(of replicas: Int) -> Int {
    guard case .rollingUpdate(let surge, let unavailable) = self, replicas > 0 else { return 0 }
    let count = unavailable.of(replicas, roundsUp: false)
    // Both rounded to nothing would never move at all.
    if count == 0, surge.of(replicas, roundsUp: true) == 0 { return 1 }
    return min(count, replicas)
  }
}
