/// Rules that keep the process alive and bounded.
enum SafetyRules {
  static let all: [Rule] = [traps, forcedUnwrap, looseTasks, unboundedStreams, printing]

  static let traps = Rule.perLine("Nothing in Sources traps", where: Scope.sources) { line in
    for mark in ["try!", "as!"] where Words.contains(String(mark.dropLast()), in: line) && line.contains(mark) {
      return "\(mark) traps; handle the error"
    }
    let calls = ["fatalError", "preconditionFailure", "assertionFailure", "precondition", "assert", "abort"]
    return calls.first { call in
      Words.positions(of: call, in: line).contains { start in
        let bytes = Array(line.utf8)
        let end = start + call.utf8.count
        let isMember = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
        return end < bytes.count && bytes[end] == UInt8(ascii: "(") && !isMember && !line.contains("func \(call)")
      }
    }.map { "\($0) ends the process for everybody; return or throw" }
  }

  static let forcedUnwrap = Rule.perLine("Nothing in Sources is unwrapped by force", where: Scope.sources) { line in
    let bytes = Array(line.utf8)
    let isForced = bytes.indices.dropFirst().contains { index in
      guard bytes[index] == UInt8(ascii: "!") else { return false }
      let before = bytes[index - 1]
      let closes = [UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: ">")]
      guard Words.isWordByte(before) || closes.contains(before) else { return false }
      let isKeyword = ["try", "as"].contains { keyword in
        Words.positions(of: keyword, in: line).contains { $0 + keyword.utf8.count == index }
      }
      let isComparison = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "=")
      return !isKeyword && !isComparison
    }
    return isForced ? "a forced unwrap traps; use guard let, ?? or optional chaining" : nil
  }

  /// The last act of a `deinit` has nobody left to hold it.
  static let looseTasks = Rule(name: "A task has an owner that cancels it", applies: Scope.libraries) { file in
    file.code.indices.compactMap { index in
      let line = file.code[index].drop { $0 == " " }
      let isLoose = ["Task {", "Task(", "Task.detached", "_ = Task"].contains { line.hasPrefix($0) }
      let isInDeinit = file.code[max(0, index - 3)..<index].contains { $0.contains("deinit {") }
      guard isLoose, !isInDeinit else { return nil }
      return Finding(
        path: file.path, line: index + 1,
        message: "a task that nobody holds cannot be cancelled; use a task group, or keep it")
    }
  }

  static let unboundedStreams = Rule(name: "A stream has a bounded buffer", applies: Scope.libraries) { file in
    file.code.indices.compactMap { index in
      let line = file.code[index]
      let makes =
        ["AsyncStream(", "AsyncThrowingStream(", ".makeStream("].contains { line.contains($0) }
        || (line.contains("AsyncStream<") || line.contains("AsyncThrowingStream<")) && line.contains(">(")
      guard makes else { return nil }
      let call = file.code[index..<min(index + 3, file.code.count)].joined(separator: " ")
      if call.contains("buffer"), !call.contains(".unbounded") { return nil }
      return Finding(path: file.path, line: index + 1, message: "give the stream a bufferingPolicy that is bounded")
    }
  }

  static let printing = Rule.perLine("Libraries do not print", where: Scope.libraries) { line in
    let bytes = Array(line.utf8)
    let prints = Words.positions(of: "print", in: line).contains { start in
      let end = start + 5
      return end < bytes.count && bytes[end] == UInt8(ascii: "(")
        && (start == 0 || bytes[start - 1] != UInt8(ascii: "."))
    }
    return prints ? "print in a library; log it or return it" : nil
  }
}
