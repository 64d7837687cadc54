import ArgumentParser
import LocalCluster

struct Down: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Stops the cluster that `up` has started.")

  @Option(help: "The cluster's folder.")
  var directory = ".build/cluster"

  func run() async throws {
    let background = BackgroundCluster(folder: directory)
    let wasRunning = try await background.stop()
    Console.say(
      wasRunning
        ? "The cluster in \(background.folder) is stopped." : "No cluster is running in \(background.folder).")
  }
}
