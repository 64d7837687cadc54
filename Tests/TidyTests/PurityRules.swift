/// Rules about what a target may know.
enum PurityRules {
  static let all: [Rule] = [coreImports, coreIsPure, injectedTime, essentials]

  /// The module that a line imports.
  static func importedModule(_ line: String) -> String? {
    let words = line.split(separator: " ")
    guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else { return nil }
    let modifiers: Set<Substring> = ["public", "package", "internal", "private", "fileprivate", "@testable", "@_spi"]
    guard words[..<keyword].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else { return nil }
    return String(words[keyword + 1].split(separator: ".").first ?? "")
  }

  static let coreImports = Rule.perLine("The core imports FoundationEssentials only", where: Scope.core) { line in
    importedModule(line).flatMap { $0 == "FoundationEssentials" ? nil : "the core may not import \($0)" }
  }

  static let coreIsPure = Rule.perLine("The core has no time, chance or concurrency of its own", where: Scope.core) {
    line in
    for word in ["async", "await", "Task", "Logger", "Mutex", "ContinuousClock", "SuspendingClock"]
    where Words.contains(word, in: line) {
      return "\(word) in the core; pass a value in and return one"
    }
    return ["Date()", "Date.now", "UUID()", ".random(", ".randomElement(", ".shuffled("].first { line.contains($0) }
      .map { "\($0) in the core; pass the value in" }
  }

  /// Waiting for a socket or for a child process is real time, whatever a test's clock says; so is a log line's.
  private static let waitsForTheWorld = [
    "Clock.swift", "HTTPTransport.swift", "ExecPlugin.swift", "OperatorLogHandler.swift",
  ]

  static let injectedTime = Rule.perLine(
    "Time comes from the injected clock", where: { Scope.product($0) && !waitsForTheWorld.contains($0.name) }
  ) { line in
    ["Date()", "Date.now", "Task.sleep", "ContinuousClock()", "SuspendingClock()", "DispatchTime.now"]
      .first { line.contains($0) }
      .map { "\($0) cannot be driven by a test; take the time from the RuntimeClock" }
  }

  static let essentials = Rule(name: "Foundation is imported with a reason", applies: Scope.sources) { file in
    file.lines.indices.compactMap { index in
      guard importedModule(file.code[index]) == "Foundation" else { return nil }
      let isExplained = file.lines[index].contains("//") || index > 0 && file.lines[index - 1].hasPrefix("//")
      if isExplained { return nil }
      return Finding(
        path: file.path, line: index + 1,
        message: "import FoundationEssentials, or say in a comment on this line what Foundation is needed for")
    }
  }
}
