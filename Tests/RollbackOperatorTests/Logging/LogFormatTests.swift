import FoundationEssentials
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import RollbackOperator

@Suite("Log lines")
struct LogFormatTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock(\.self) }
    var output: LogOutput {
      LogOutput { line in self.lines.withLock { $0.append(line) } }
    }
  }

  private func logged(
    _ format: LogFormat, level: Logger.Level = .trace, provider: Logger.MetadataProvider? = nil,
    at seconds: Double = 1_795_211_508.123, _ body: (inout Logger) -> Void
  ) -> [String] {
    var configuration = OperatorConfiguration.Log()
    configuration.format = format
    configuration.level = level
    let lines = Lines()
    var logger = Logger(label: "rollback-operator") { [configuration] label in
      OperatorLogHandler(
        label: label, configuration: configuration, metadataProvider: provider, output: lines.output,
        now: { Date(timeIntervalSince1970: seconds) })
    }
    body(&logger)
    return lines.all
  }

  @Test("For machines: one JSON object a line")
  func json() {
    let lines = logged(.json) { $0.info("Rolled back", metadata: ["target": "shop/web", "attempt": "\(2)"]) }
    #expect(
      lines == [
        #"{"ts":"2026-11-20T21:51:48.123Z","level":"info","logger":"rollback-operator","msg":"Rolled back","attempt":"2","#
          + #""target":"shop/web"}"# + "\n"
      ])
  }

  @Test("For people: one sentence a line")
  func text() {
    let lines = logged(.text) { logger in
      logger.warning("Held", metadata: ["reason": "Cooldown", "message": "less than 5m ago", "empty": ""])
    }
    #expect(
      lines == [
        #"2026-11-20T21:51:48.123Z WARNING  rollback-operator: Held empty="" message="less than 5m ago" reason=Cooldown"#
          + "\n"
      ])
  }

  @Test(
    "Milliseconds are there, whatever the fraction",
    arguments: [
      (0.0, "1970-01-01T00:00:00.000Z"), (1_795_211_508.9999, "2026-11-20T21:51:48.999Z"),
      (1_795_211_508.007, "2026-11-20T21:51:48.007Z"), (951_782_400.5, "2000-02-29T00:00:00.500Z"),
    ])
  func timestamps(seconds: Double, text: String) {
    let lines = logged(.json, at: seconds) { $0.info("x") }
    #expect(lines.first?.hasPrefix("{\"ts\":\"\(text)\"") == true, "\(lines)")
  }

  @Test("Whatever a message holds, a line is one line of JSON that says the same")
  func escaping() throws {
    let nasty = "\"quoted\\\" \n\r\t\u{0}\u{1B}[31m \u{2028} \u{7F} é 🦆"
    let lines = logged(.json) { $0.error("\(nasty)", metadata: [nasty: "\(nasty)", "msg": "own"]) }
    let line = try #require(lines.first)
    #expect(lines.count == 1)
    #expect(line.utf8.filter { $0 < 0x20 }.count == 1 && line.hasSuffix("\n"))
    let value = try JSONValue(parsing: Array(line.utf8.dropLast()))
    #expect(value["msg"]?.string == nasty)
    #expect(value[nasty]?.string == nasty)
    #expect(value["metadata.msg"]?.string == "own")
  }

  @Test("Text lines are one line as well")
  func textEscaping() {
    let lines = logged(.text) { $0.error("a\nb \u{1B}[31m", metadata: ["k\n": "v\nw"]) }
    #expect(lines.first?.filter(\.isNewline).count == 1)
    #expect(lines.first?.contains("\u{1B}") == false)
    #expect(lines.first?.hasSuffix(#"a\nb \u001b[31m k\n="v\nw""# + "\n") == true, "\(lines)")
  }

  @Test("Metadata inside metadata is flattened")
  func flattening() throws {
    let lines = logged(.json) { logger in
      logger.info("x", metadata: ["a": ["b": ["c": "1"], "d": .array(["2", ["e": "3"]])]])
    }
    let value = try JSONValue(parsing: Array((lines.first ?? "").utf8.dropLast()))
    #expect(value["a.b.c"]?.string == "1")
    #expect(value["a.d.0"]?.string == "2")
    #expect(value["a.d.1.e"]?.string == "3")
  }

  @Test("What is nearer to the message wins: message, provider, logger; the error has its own words")
  func merging() {
    let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider", "c": "provider"] }
    let lines = logged(.text, provider: provider) { logger in
      logger[metadataKey: "c"] = "logger"
      logger[metadataKey: "d"] = "logger"
      logger.info("x", error: Rejection(reason: "r", remedy: "m"), metadata: ["a": "message"])
    }
    #expect(
      lines.first?.contains(#"x a=message b=provider c=provider d=logger error="unexpected error Rejection ("#) == true,
      "\(lines)")
  }

  @Test(
    "What is named like a secret is not written",
    arguments: ["token", "Authorization", "bearer_token", "client-password", "private.key", "request.headers.cookie"])
  func secrets(name: String) {
    for format in LogFormat.allCases {
      let line = logged(format) { $0.info("x", metadata: ["\(name)": "hunter2", "nested": ["\(name)": "hunter2"]]) }
      #expect(line.first?.contains("hunter2") == false)
      #expect(line.first?.contains("[redacted]") == true)
    }
  }

  @Test("Levels below the configured one are not written")
  func levels() {
    let lines = logged(.text, level: .warning) { logger in
      logger.info("no")
      logger.warning("yes")
      logger.logLevel = .debug
      logger.debug("now")
      logger.trace("never")
    }
    #expect(lines.count == 2)
  }

  @Test("Endless texts and endless metadata are cut")
  func bounded() {
    let lines = logged(.json) { logger in
      logger.info("\(String(repeating: "x", count: 1_000_000))")
      var many: Logger.Metadata = [:]
      for number in 0..<10_000 { many["k\(number)"] = "v" }
      logger.info("x", metadata: many)
    }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.utf8.count < 10_000 })
  }

  private struct Bare: Error {
    var field = "a\nb"
  }

  @Test("Errors are told on one line, in their own words where they have some")
  func errors() {
    let configuration = OperatorConfigurationError([
      .init(source: .flag("--x"), key: "x", reason: "r", remedy: "a"),
      .init(source: .flag("--y"), key: "y", reason: "r", remedy: "a"),
    ])
    #expect(ErrorText.oneLine(configuration) == "--x: x: r; a; --y: y: r; a")
    #expect(ErrorText.oneLine(Bare()).hasPrefix("unexpected error Bare ("))
    #expect(!ErrorText.oneLine(Bare()).contains("\n"))
  }
}
