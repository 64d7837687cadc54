/// What the API server writes into its audit log.
enum AuditPolicy {
  /// Every request but those by which the control plane and the simulated nodes keep themselves going; with its body
  /// where tests look at what was written: into workloads, and into the leases of operators.
  static let text = """
    apiVersion: audit.k8s.io/v1
    kind: Policy
    omitStages: [RequestReceived]
    rules:
      - level: None
        users: ["system:apiserver", "system:kube-controller-manager", "node-simulator"]
        verbs: [get, list, watch]
      - level: None
        users: ["system:apiserver", "system:kube-controller-manager", "node-simulator"]
        resources:
          - {group: "", resources: [events, nodes, nodes/status]}
          - {group: coordination.k8s.io}
      - level: None
        nonResourceURLs: ["/readyz*", "/healthz*", "/livez*"]
      - level: Request
        verbs: [create, update, patch]
        resources:
          - {group: apps}
          - {group: rollback-operator.io}
          - {group: coordination.k8s.io}
      - level: Metadata

    """
}
