import ArgumentParser
import LocalCluster

struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Starts the cluster in the background, or says that it runs already.",
    discussion: "Prints one line for the shell, `export KUBECONFIG=…`; everything else goes to standard error.")

  @Option(help: "The cluster's folder: kubeconfig, bin/kubectl, logs.")
  var directory = ".build/cluster"

  @Option(help: "Files or folders with CustomResourceDefinitions to install.")
  var crds: [String] = []

  @Option(help: "How many nodes are simulated; 0 for none.")
  var nodes = 3

  @Flag(help: "Start a Prometheus too, which scrapes the simulated pods every second.")
  var prometheus = false

  @Flag(help: "Stay in the foreground, and stop the cluster on Ctrl-C.")
  var foreground = false

  func validate() throws {
    guard (0...100).contains(nodes) else { throw ValidationError("--nodes must be from 0 to 100.") }
  }

  func run() async throws {
    let background = BackgroundCluster(folder: directory)
    if foreground { return try await own(background) }
    switch background.status {
    case .ready:
      Console.say("The cluster in \(background.folder) is running already.")
    case .changing(let owner):
      throw ValidationError(
        "Process \(owner) is starting or stopping a cluster in \(background.folder); try again soon.")
    case .stopped:
      Console.say("Starting a Kubernetes control plane in \(background.folder) …")
      try await background.start(arguments: ["up", "--foreground"] + arguments(background))
      Console.say("It runs in the background. kubectl is \(background.kubectl), the log \(background.logPath).")
    }
    if let address = background.prometheusAddress { Console.say("Prometheus is at \(address).") }
    print("export KUBECONFIG=\(background.kubeconfig)")
  }

  private func arguments(_ background: BackgroundCluster) -> [String] {
    ["--directory", background.folder, "--nodes", "\(nodes)"] + (prometheus ? ["--prometheus"] : [])
      + crds.flatMap { ["--crds", $0] }
  }

  /// Runs the cluster until a signal comes.
  private func own(_ background: BackgroundCluster) async throws {
    let signals = StopSignals()
    let cluster = try await LocalCluster.start(LocalCluster.Options(directory: background.folder))
    do {
      if nodes > 0 { try await cluster.startNodes(count: nodes) }
      if !crds.isEmpty { try await cluster.installCRDs(from: crds) }
      if prometheus {
        let server = try await cluster.startPrometheus()
        Console.say("Prometheus is at \(server.address).")
      }
      try background.markReady(cluster)
      Console.say(
        "Kubernetes \(cluster.capabilities.version) at \(cluster.address); export KUBECONFIG=\(cluster.kubeconfig)")
      if !cluster.capabilities.validatesCustomResourcesWithCEL {
        Console.say("CEL rules of custom resources are NOT checked by this cluster.")
      }
      await signals.wait()
    } catch {
      await cluster.stop()
      throw error
    }
    await cluster.stop()
    Console.say("The cluster is stopped.")
  }
}
