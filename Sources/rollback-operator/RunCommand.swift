import ArgumentParser
import Logging
import RollbackOperator

/// `rollback-operator run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the operator until SIGTERM or SIGINT.",
    discussion: """
      Needs no flags in a cluster. For each key the first that speaks wins: flag, environment variable, file, default. \
      Ends with status 0 after SIGTERM or SIGINT, 1 when the lease was lost or something went wrong for good, 2 when the \
      configuration cannot be used.
      """)

  @Option(
    help: ArgumentHelp(
      "YAML file with the configuration (default: none; environment: \(ConfigurationKey.fileVariable))",
      valueName: "file"))
  var config: String?

  @OptionGroup(title: "Configuration")
  var flags: ConfigurationFlags

  /// Loads the configuration and runs; says why when it ends otherwise than by a signal.
  func run(environment: [String: String]) async -> ExitStatus {
    let loaded: LoadedConfiguration
    do {
      loaded = try OperatorConfiguration.load(file: config, flags: flags.values, environment: environment)
    } catch {
      RollbackOperatorCommand.complain(error.description)
      return ExitStatus(error)
    }
    OperatorLogHandler.bootstrap(loaded.configuration.log)
    let metrics = PrometheusMetrics.bootstrap()
    let logger = Logger(label: "rollback-operator")
    for warning in loaded.warnings { logger.warning("\(warning)") }
    do {
      try await OperatorProcess.run(
        loaded.configuration, environment: environment, metrics: metrics, logger: logger)
      return .success
    } catch {
      let status = ExitStatus(error)
      if status == .unusableConfiguration {
        RollbackOperatorCommand.complain(ErrorText.oneLine(error))
      } else if error is CancellationError {
        logger.critical("Not everything ended in time after the signal; rollbacks go on from their journals")
      } else {
        logger.critical("\(ErrorText.oneLine(error))")
      }
      return status
    }
  }
}
