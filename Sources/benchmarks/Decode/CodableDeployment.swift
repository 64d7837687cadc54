import FoundationEssentials

/// What `KubernetesClient.Deployment` holds, as one writes it for `JSONDecoder`.
struct CodableDeployment: Decodable {
  struct Metadata: Decodable {
    var name: String
    var namespace: String?
    var uid: String
    var resourceVersion: String
    var generation: Int64?
    var creationTimestamp: Date?
    var deletionTimestamp: Date?
    var labels: [String: String]?
    var annotations: [String: String]?
    var ownerReferences: [OwnerReference]?
  }

  struct OwnerReference: Decodable {
    var apiVersion: String
    var kind: String
    var name: String
    var uid: String
    var controller: Bool?
  }

  struct Selector: Decodable {
    struct Requirement: Decodable {
      var key: String
      var `operator`: String
      var values: [String]?
    }

    var matchLabels: [String: String]?
    var matchExpressions: [Requirement]?
  }

  struct Template: Decodable {
    struct Metadata: Decodable {
      var labels: [String: String]?
      var annotations: [String: String]?
    }

    var metadata: Metadata?
  }

  struct Spec: Decodable {
    var replicas: Int?
    var paused: Bool?
    var selector: Selector
    var progressDeadlineSeconds: Int?
    var revisionHistoryLimit: Int?
    var template: Template
  }

  struct Condition: Decodable {
    var type: String
    var status: String
    var reason: String?
    var message: String?
    var lastUpdateTime: Date?
    var lastTransitionTime: Date?
  }

  struct Status: Decodable {
    var observedGeneration: Int64?
    var replicas: Int?
    var updatedReplicas: Int?
    var readyReplicas: Int?
    var availableReplicas: Int?
    var unavailableReplicas: Int?
    var conditions: [Condition]?
  }

  var metadata: Metadata
  var spec: Spec
  var status: Status
}

/// A page of a list.
struct CodableDeploymentList: Decodable {
  struct Metadata: Decodable {
    var resourceVersion: String
    var `continue`: String?
    var remainingItemCount: Int64?
  }

  var metadata: Metadata
  var items: [CodableDeployment]
}

/// A line of a watch.
struct CodableWatchLine: Decodable {
  var type: String
  var object: CodableDeployment
}
