import KubernetesClient

extension LocalCluster {
  /// Drops the history of all objects, as a cluster does every few minutes.
  ///
  /// Lists and watches that start from an older resourceVersion get `410 Gone`, as soon as the API server does not have
  /// it in its own memory any more: after ``ManagedProcess/restart()`` of ``apiServer``.
  public func compactHistory() async throws(ClusterError) {
    let port = ports.etcd.port
    guard let answer = await LoopbackHTTP.send("POST", port: port, path: "/v3/kv/range", body: #"{"key":"AA=="}"#),
      let revision = (try? JSONValue(parsing: answer))?["header"]?["revision"]?.string,
      await LoopbackHTTP.send(
        "POST", port: port, path: "/v3/kv/compaction", body: #"{"revision":"\#(revision)","physical":true}"#) != nil
    else {
      throw ClusterError(.server, "etcd did not compact its history; its log is \(etcd.logPath)")
    }
  }
}
