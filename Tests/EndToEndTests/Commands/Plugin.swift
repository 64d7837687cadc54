import FoundationEssentials
import KubernetesClient
import LocalCluster

/// The kubectl plugin as a person runs it, in the namespace of a scene.
struct Plugin: Sendable {
  let scene: Scene
  /// The user who is impersonated; `nil` for the cluster's administrator.
  var user: String?
  var groups: [String] = []

  /// The executable beside the operator's.
  static var executable: String {
    OperatorInstance.executable.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/") + "/kubectl-rollback"
  }

  /// How it ended and what it wrote.
  struct Answer: Sendable {
    var status: Int
    var output: String
    var error: String
  }

  /// Runs one command to its end; it is killed after two minutes.
  func run(_ arguments: String...) async throws -> Answer {
    try await run(arguments)
  }

  func run(_ arguments: [String]) async throws -> Answer {
    var command = ["120", Self.executable] + arguments
    command += ["--kubeconfig", scene.world.cluster.kubeconfig, "-n", scene.namespace]
    if let user { command += ["--as", user] }
    for group in groups { command += ["--as-group", group] }
    // The status is what is looked at, and a tool that is run tells only whether it is 0.
    let tool = try await Tool.run("sh", ["-c", "timeout \"$@\"; echo \"status $?\" >&2", "sh"] + command)
    let lines = tool.error.split(separator: "\n").map(String.init)
    let status = lines.last.flatMap { Int($0.dropFirst("status ".count)) } ?? -1
    return Answer(status: status, output: tool.output, error: lines.dropLast().joined(separator: "\n"))
  }
}
