import ArgumentParser
import FoundationEssentials

/// `benchmarks`: what is measured is always put beside something of the same run, since times of different machines,
/// and of the same machine at different times, cannot be compared.
@main
struct BenchmarksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Measures the operator, and prints one table in Markdown.",
    discussion: "Only the ratios mean something outside of this run. Progress goes to standard error.")

  /// What can be measured.
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case decode
    case memory
    case triggers
    case evaluate
    case requests
    case eventPath = "event-path"
    case samplePath = "sample-path"
  }

  @Option(
    help: """
      Measure nothing but this: decode, memory, triggers, evaluate, requests, event-path or sample-path; may be given \
      more than once.
      """)
  var only: [Subject] = []

  @Option(help: "event-path: how many bad releases are undone, one after the other.")
  var rollbacks = 200

  @Option(help: "decode: how many objects there are to decode.")
  var decoded = 10_000

  @Option(help: "memory: how many objects are cached; may be given more than once. (default: 10000 and 100000)")
  var cached: [Int] = []

  @Option(help: "triggers and requests: how many policies there are, of three triggers each.")
  var policies = 10_000

  @Option(help: "evaluate: how many assessments make a round.")
  var assessments = 10_000

  @Option(help: "sample-path: how many bad releases are found by their metrics.")
  var breaches = 100

  @Option(help: "event-path and sample-path: the operator. (default: rollback-operator beside this program)")
  var `operator`: String?

  @Option(help: "event-path and sample-path: the folder of the manifests with which the operator is installed.")
  var manifests = "manifests"

  func validate() throws {
    guard (1...10_000).contains(rollbacks) else { throw ValidationError("--rollbacks must be from 1 to 10000.") }
    guard (1...1_000_000).contains(decoded) else { throw ValidationError("--decoded must be from 1 to 1000000.") }
    guard cached.allSatisfy({ (1...1_000_000).contains($0) }) else {
      throw ValidationError("--cached must be from 1 to 1000000.")
    }
    // A fleet's answer has a series of each of a namespace's workloads, and is read up to a limit.
    guard (1...40_000).contains(policies) else { throw ValidationError("--policies must be from 1 to 40000.") }
    guard (1...1_000_000).contains(assessments) else {
      throw ValidationError("--assessments must be from 1 to 1000000.")
    }
    guard (1...1_000).contains(breaches) else { throw ValidationError("--breaches must be from 1 to 1000.") }
  }

  func run() async throws {
    let subjects = only.isEmpty ? Subject.allCases : only
    var report = Report()
    // The heap is measured first, while nothing else has left its holes in it.
    if subjects.contains(.memory) {
      report.add(try await MemoryBenchmark(sizes: cached.isEmpty ? [10_000, 100_000] : cached).run())
    }
    if subjects.contains(.triggers) { report.add(try await TriggerMemoryBenchmark(policies: policies).run()) }
    if subjects.contains(.decode) { report.add(try DecodeBenchmark(count: decoded).run()) }
    if subjects.contains(.evaluate) { report.add(try EvaluateBenchmark(count: assessments).run()) }
    if subjects.contains(.requests) { report.add(try await RequestsBenchmark(policies: policies).run()) }
    let operatorPath = `operator` ?? Self.operatorBeside
    if subjects.contains(.eventPath) {
      report.add(
        try await EventPathBenchmark(rollbacks: rollbacks, operatorPath: operatorPath, manifests: manifests).run())
    }
    if subjects.contains(.samplePath) {
      report.add(
        try await SamplePathBenchmark(breaches: breaches, operatorPath: operatorPath, manifests: manifests).run())
    }
    print(report.markdown)
  }

  private static var operatorBeside: String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return folder.joined(separator: "/") + "/rollback-operator"
  }
}
