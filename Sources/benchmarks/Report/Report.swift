import FoundationEssentials

/// One measured figure beside the one of the same run that it is to be compared with.
struct Figure {
  /// What was measured.
  var subject: String
  var value: String
  /// What it is compared with.
  var reference: String
  var referenceValue: String
  /// `value` divided by `referenceValue`.
  var ratio: Double
}

/// What a benchmark has found out.
struct Findings {
  var figures: [Figure]
  /// What a reader must know of how they came about; a sentence each.
  var notes: [String] = []
}

/// All figures of a run as a table.
struct Report {
  private var figures: [Figure] = []
  private var notes: [String] = []

  mutating func add(_ findings: Findings) {
    figures += findings.figures
    notes += findings.notes
  }

  /// The table, with the command that measured it.
  var markdown: String {
    var lines = ["| measured | value | beside | value | ratio |", "| --- | ---: | --- | ---: | ---: |"]
    lines += figures.map { figure in
      let ratio = Number.text(figure.ratio, decimals: 2)
      return "| \(figure.subject) | \(figure.value) | \(figure.reference) | \(figure.referenceValue) | **\(ratio)** |"
    }
    lines += ["", "Measured by `\(Self.command)` (\(Self.circumstances))."]
    lines += notes
    lines.append("The ratios are of one run on one machine; the times and sizes beside them are no promise.")
    return lines.joined(separator: "\n")
  }

  private static var command: String {
    let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "benchmarks"
    return ([program] + CommandLine.arguments.dropFirst()).joined(separator: " ")
  }

  private static var circumstances: String {
    #if DEBUG
      let build = "a DEBUG build, whose figures mean nothing"
    #else
      let build = "release build"
    #endif
    let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first
    return "\(build), \(ProcessInfo.processInfo.activeProcessorCount) cores, load \(load ?? "unknown") at the end"
  }
}
