/// Command lines of the servers, chosen by their version.
struct ServerArguments: Sendable {
  var binaries: KubernetesBinaries
  var certificates: ClusterCertificates
  var directory: ClusterDirectory
  var ports: ClusterPorts
  var options: LocalCluster.Options

  private var kubeconfigs: KubeconfigSet { KubeconfigSet(directory: directory, ports: ports) }

  var etcdAddress: String { "http://127.0.0.1:\(ports.etcd.port)" }

  var etcd: [String] {
    let peer = "http://127.0.0.1:\(ports.etcdPeer.port)"
    return [
      binaries.path("etcd"),
      "--data-dir=\(directory.path("etcd"))",
      "--unsafe-no-fsync",
      "--listen-client-urls=\(etcdAddress)", "--advertise-client-urls=\(etcdAddress)",
      "--listen-peer-urls=\(peer)", "--initial-advertise-peer-urls=\(peer)", "--initial-cluster=default=\(peer)",
      // Alone it needs nobody's vote, only the time-outs before it elects itself.
      "--heartbeat-interval=10", "--election-timeout=100", "--log-level=warn",
    ]
  }

  var apiServer: [String] {
    let pki = certificates
    return [
      binaries.path("kube-apiserver"),
      "--etcd-servers=\(etcdAddress)",
      "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=\(ports.apiServer.port)",
      // A loopback address may not be an endpoint of the service `kubernetes`.
      "--endpoint-reconciler-type=none",
      "--tls-cert-file=\(pki.path("apiserver.crt"))", "--tls-private-key-file=\(pki.path("apiserver.key"))",
      "--client-ca-file=\(pki.path("ca.crt"))",
      // Simulated nodes have names that nobody resolves.
      "--kubelet-preferred-address-types=InternalIP",
      "--kubelet-client-certificate=\(pki.path("kubelet-client.crt"))",
      "--kubelet-client-key=\(pki.path("kubelet-client.key"))",
      "--requestheader-client-ca-file=\(pki.path("front-proxy-ca.crt"))",
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--proxy-client-cert-file=\(pki.path("front-proxy-client.crt"))",
      "--proxy-client-key-file=\(pki.path("front-proxy-client.key"))",
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-account-key-file=\(pki.path("service-account.pub"))",
      "--service-account-signing-key-file=\(pki.path("service-account.key"))",
      "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
      "--service-cluster-ip-range=10.96.0.0/24", "--allow-privileged", "--profiling=false",
      "--audit-policy-file=\(directory.path("audit-policy.yaml"))", "--audit-log-path=\(directory.path("audit.log"))",
      "--audit-log-maxsize=10000",
    ] + options.apiServerArguments
  }

  var controllerManager: [String] {
    let kubeconfig = kubeconfigs.controllerManager
    var arguments = [
      binaries.path("kube-controller-manager"),
      "--kubeconfig=\(kubeconfig)", "--authentication-kubeconfig=\(kubeconfig)",
      "--authorization-kubeconfig=\(kubeconfig)",
      "--bind-address=127.0.0.1", "--secure-port=\(ports.controllerManager.port)", "--leader-elect=false",
      "--service-account-private-key-file=\(certificates.path("service-account.key"))",
      "--root-ca-file=\(certificates.path("ca.crt"))",
      "--kube-api-qps=500", "--kube-api-burst=1000",
      "--node-monitor-grace-period=\(options.nodeMonitorGracePeriod.components.seconds)s", "--profiling=false",
    ]
    // The port without encryption was on by default until 1.20's flag was removed in 1.24.
    if binaries.version < KubernetesVersion(major: 1, minor: 24) { arguments.append("--port=0") }
    return arguments + options.controllerManagerArguments
  }

  var customResourceServer: [String] {
    let kubeconfig = kubeconfigs.internalAdmin
    return [
      binaries.path("apiextensions-apiserver"),
      "--etcd-servers=\(etcdAddress)", "--etcd-prefix=/registry-custom-resources",
      "--bind-address=127.0.0.1", "--secure-port=\(ports.customResourceServer.port)",
      "--tls-cert-file=\(certificates.path("apiextensions.crt"))",
      "--tls-private-key-file=\(certificates.path("apiextensions.key"))",
      "--client-ca-file=\(certificates.path("ca.crt"))",
      "--kubeconfig=\(kubeconfig)", "--authentication-kubeconfig=\(kubeconfig)",
      "--authorization-kubeconfig=\(kubeconfig)",
      // The main API server has no API for these.
      "--enable-priority-and-fairness=false",
      "--disable-admission-plugins=ValidatingAdmissionPolicy,MutatingAdmissionPolicy",
    ]
  }
}

/// The ports of one cluster.
struct ClusterPorts: Sendable {
  let etcd: PortReservation
  let etcdPeer: PortReservation
  let apiServer: PortReservation
  let controllerManager: PortReservation
  let customResourceServer: PortReservation
  /// Of the simulated nodes, without encryption.
  let simulator: PortReservation
  /// Of the simulated nodes, over TLS.
  let kubelet: PortReservation
  let prometheus: PortReservation

  init() throws(ClusterError) {
    let file = "\(ClusterDirectory.base)/ports.lock"
    etcd = try PortReservation.make(lockFile: file)
    etcdPeer = try PortReservation.make(lockFile: file)
    apiServer = try PortReservation.make(lockFile: file)
    controllerManager = try PortReservation.make(lockFile: file)
    customResourceServer = try PortReservation.make(lockFile: file)
    simulator = try PortReservation.make(lockFile: file)
    kubelet = try PortReservation.make(lockFile: file)
    prometheus = try PortReservation.make(lockFile: file)
  }
}
