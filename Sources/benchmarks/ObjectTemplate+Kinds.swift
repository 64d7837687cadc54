extension ObjectTemplate {
  /// A Deployment as an API server sends it: about 4.4 KB, a good part of it managed fields and the pod template.
  static func deployment() throws -> ObjectTemplate {
    try ObjectTemplate(
      """
      {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {
        "name": "$name", "namespace": "$namespace", "uid": "$uid", "resourceVersion": "$version", "generation": 7,
        "creationTimestamp": "$time",
        "labels": {"app": "$name", "app.kubernetes.io/managed-by": "Helm", "team": "checkout", "tier": "backend"},
        "annotations": {"deployment.kubernetes.io/revision": "7", "meta.helm.sh/release-name": "$name",
          "example.com/note": "a \\"quoted\\" note, größer als nötig"},
        "managedFields": [\(managedFields(by: "helm", operation: "Apply")),
          \(managedFields(by: "kube-controller-manager", operation: "Update"))]},
      "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "$name"}}, "template": {
          "metadata": {"labels": {"app": "$name", "team": "checkout", "tier": "backend"},
            "annotations": {"prometheus.io/scrape": "true", "checksum/config": "$hash$hash$hash$hash"}},
          "spec": {"containers": [{"name": "main", "image": "registry.example.com/shop/checkout:1.2.$version",
              "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
              "env": [{"name": "LISTEN", "value": "0.0.0.0:8080"}, {"name": "LOG_LEVEL", "value": "info"},
                {"name": "NODE", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}},
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "checkout", "key": "password"}}}],
              "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
              "livenessProbe": {"httpGet": {"path": "/live", "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 1,
                "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
              "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 1,
                "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
              "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
              "imagePullPolicy": "IfNotPresent"}],
            "volumes": [{"name": "config", "configMap": {"name": "$name-config", "defaultMode": 420}}],
            "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100,
              "podAffinityTerm": {"labelSelector": {"matchLabels": {"app": "$name"}},
                "topologyKey": "kubernetes.io/hostname"}}]}},
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "checkout", "serviceAccount": "checkout", "securityContext": {},
            "schedulerName": "default-scheduler"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
        "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600},
      "status": {"observedGeneration": 7, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3,
        "availableReplicas": 3, "conditions": [
          {"type": "Available", "status": "True", "lastUpdateTime": "$time", "lastTransitionTime": "$time",
            "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability."},
          {"type": "Progressing", "status": "True", "lastUpdateTime": "$time", "lastTransitionTime": "$time",
            "reason": "NewReplicaSetAvailable",
            "message": "ReplicaSet \\"$name-$hash\\" has successfully progressed."}]}}
      """)
  }

  /// A ReplicaSet as it is asked for, with its metadata only; three belong to one Deployment.
  static func replicaSet() throws -> ObjectTemplate {
    try ObjectTemplate(
      """
      {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {
        "name": "$name-$hash", "namespace": "$namespace", "uid": "$uid", "resourceVersion": "$version", "generation": 2,
        "creationTimestamp": "$time",
        "labels": {"app": "$name", "pod-template-hash": "$hash", "team": "checkout", "tier": "backend"},
        "annotations": {"deployment.kubernetes.io/desired-replicas": "3", "deployment.kubernetes.io/max-replicas": "4",
          "deployment.kubernetes.io/revision": "7", "meta.helm.sh/release-name": "$name",
          "rollback-operator.io/verdict": "Good", "rollback-operator.io/verdict-hash": "$hash",
          "rollback-operator.io/verdict-since": "$time"},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "$name", "uid": "$owner",
          "controller": true, "blockOwnerDeletion": true}],
        "managedFields": [\(managedFields(by: "kube-controller-manager", operation: "Update"))]}}
      """)
  }

  private static func managedFields(by manager: String, operation: String) -> String {
    """
    {"manager": "\(manager)", "operation": "\(operation)", "apiVersion": "apps/v1", "time": "$time",
      "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, "f:example.com/note": {}},
        "f:labels": {".": {}, "f:app": {}, "f:team": {}, "f:tier": {}}}, "f:spec": {"f:progressDeadlineSeconds": {},
        "f:replicas": {}, "f:revisionHistoryLimit": {}, "f:selector": {}, "f:strategy": {"f:rollingUpdate": {".": {},
        "f:maxSurge": {}, "f:maxUnavailable": {}}, "f:type": {}}, "f:template": {"f:metadata": {"f:labels": {".": {},
        "f:app": {}}}, "f:spec": {"f:containers": {"k:{\\"name\\":\\"main\\"}": {".": {}, "f:image": {}, "f:name": {},
        "f:resources": {}, "f:terminationMessagePath": {}}}, "f:dnsPolicy": {}, "f:restartPolicy": {}}}}}}
    """
  }
}
