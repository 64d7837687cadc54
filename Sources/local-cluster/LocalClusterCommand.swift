import ArgumentParser

@main
struct LocalClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "local-cluster",
    abstract: "A real Kubernetes control plane on this machine, with simulated nodes.",
    subcommands: [Up.self, Down.self, Demo.self])
}
