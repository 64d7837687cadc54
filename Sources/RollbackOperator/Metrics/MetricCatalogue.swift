extension MetricDescription {
  /// What is known of every metric that the operator and its libraries make.
  public static let catalogue: [MetricDescription] = rollback + runtime + own

  private static let rollback: [MetricDescription] = [
    .init(
      OperatorMetrics.Name.policyInfo, "One for each policy, with its mode and its target", seriesLimit: 20_000),
    .init(
      OperatorMetrics.Name.policyState, "One for each policy, labelled with what it does at the moment",
      seriesLimit: 20_000),
    .init(OperatorMetrics.Name.rollbacks, "Rollbacks that ended, by outcome, severity and action"),
    .init(OperatorMetrics.Name.held, "Breaches that were not acted on, by the reason"),
    .init(
      OperatorMetrics.Name.phaseDuration, "How long each phase of a rollback took, in seconds", buckets: Self.slow),
    .init(
      OperatorMetrics.Name.recovery, "Time from the start of a breach to the verified recovery, in seconds",
      buckets: Self.slow),
    .init(OperatorMetrics.Name.undecodable, "Objects in the cluster that cannot be read, by kind"),
    .init(
      OperatorMetrics.Name.certificateExpiry,
      "When the client certificate expires, in seconds since the epoch; minus time() is what is left"),
    .init(OperatorMetrics.Name.requests, "Requests to the API server, by status code and method"),
  ]

  private static let runtime: [MetricDescription] = [
    .init("controller_runtime_active_workers", "Workers that are busy, by controller"),
    .init("controller_runtime_reconcile_errors_total", "Reconciliations that failed, by controller"),
    .init("controller_runtime_reconcile_time_seconds", "Length of a reconciliation, in seconds, by controller"),
    .init("controller_runtime_reconcile_total", "Reconciliations, by controller and result"),
    .init("event_recorder_events_total", "Kubernetes Events, by what became of them"),
    .init("leader_election_master_status", "Whether this process holds the lease: 1 or 0"),
    .init("rollback_store_objects", "Objects in the caches, by resource"),
    .init("rollback_store_relists_total", "Complete listings of a resource"),
    .init("rollback_store_undecodable_objects", "Objects in the caches that cannot be read, by resource"),
    .init("rollback_store_watch_interruptions_total", "Watches that broke and were taken up again, by resource"),
    .init("workqueue_adds_total", "Keys added, by queue"),
    .init("workqueue_depth", "Keys that wait, by queue"),
    .init("workqueue_queue_duration_seconds", "Time a key waits before it is worked on, in seconds, by queue"),
    .init("workqueue_retries_total", "Keys added again after a failure, by queue"),
    .init("workqueue_work_duration_seconds", "Time a key is worked on, in seconds, by queue"),
  ]

  private static let own: [MetricDescription] = [
    .init(MetricRegistry.refusedName, "Series that were refused because the metric has too many, by metric")
  ]
}
