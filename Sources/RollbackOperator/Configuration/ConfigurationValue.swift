import Logging
import RollbackCore

/// Reads single values; each refusal says what to write instead.
enum ConfigurationValue {
  static func bool(_ text: String) throws(Rejection) -> Bool {
    switch text.lowercased() {
    case "true": return true
    case "false": return false
    default: throw Rejection(reason: "\(quoted(text)) is neither true nor false", remedy: "write true or false")
    }
  }

  static func positiveDuration(_ text: String) throws(Rejection) -> PolicyDuration {
    guard let duration = PolicyDuration(text) else {
      throw Rejection(reason: "\(quoted(text)) is not a duration", remedy: "write for example 4s, 1500ms or 1m")
    }
    guard duration.milliseconds > 0 else {
      throw Rejection(reason: "must be longer than nothing", remedy: "write for example 4s")
    }
    return duration
  }

  static func wholeSeconds(_ text: String) throws(Rejection) -> PolicyDuration {
    let duration = try positiveDuration(text)
    guard duration.milliseconds % 1_000 == 0 else {
      throw Rejection(
        reason: "\(quoted(text)) is not a whole number of seconds, which is how the Lease counts",
        remedy: "write for example 6s")
    }
    return duration
  }

  static func namespace(_ text: String) throws(Rejection) -> String {
    let isLabel =
      (1...63).contains(text.utf8.count) && text.first != "-" && text.last != "-"
      && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    guard isLabel else {
      throw Rejection(
        reason: "\(quoted(text)) is not the name of a namespace",
        remedy: "write at most 63 lower-case letters, digits and dashes, as shop")
    }
    return text
  }

  static func address(_ text: String) throws(Rejection) -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw Rejection(
        reason: "\(quoted(text)) is not an address", remedy: "write HOST:PORT, as 0.0.0.0:8080, :8080 or [::1]:8080")
    }
    return address
  }

  static func line(_ text: String) throws(Rejection) -> String {
    guard text.utf8.count <= 253 else {
      throw Rejection(reason: "is longer than 253 bytes", remedy: "write a short name, as eu-west-1")
    }
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw Rejection(reason: "\(quoted(text)) holds a control character", remedy: "write one line of plain text")
    }
    return text
  }

  static func level(_ text: String) throws(Rejection) -> Logger.Level {
    guard let level = Logger.Level(rawValue: text.lowercased()) else {
      throw Rejection(
        reason: "\(quoted(text)) is not a level",
        remedy: "write one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return level
  }

  static func format(_ text: String) throws(Rejection) -> LogFormat {
    guard let format = LogFormat(rawValue: text.lowercased()) else {
      throw Rejection(
        reason: "\(quoted(text)) is not a format",
        remedy: "write one of \(LogFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return format
  }

  static func path(_ text: String) throws(Rejection) -> String? {
    guard !text.utf8.contains(0) else {
      throw Rejection(reason: "holds a zero byte", remedy: "write the path of a file")
    }
    return text.isEmpty ? nil : text
  }

  static func sourceName(_ text: String) throws(Rejection) -> String {
    do {
      return try namespace(text)
    } catch {
      throw Rejection(
        reason: "\(quoted(text)) is not a name for a source",
        remedy: "write at most 63 lower-case letters, digits and dashes, as default")
    }
  }

  static func outboundURL(_ text: String) throws(Rejection) -> OutboundURL {
    let url: OutboundURL
    do {
      url = try OutboundURL(text)
    } catch {
      throw Rejection(reason: error.reason, remedy: error.remedy)
    }
    guard !url.pathAndQuery.contains("?") else {
      throw Rejection(reason: "has a query", remedy: "write the address up to the path, without ? and what follows")
    }
    return url
  }

  static func sourceTimeout(_ text: String) throws(Rejection) -> PolicyDuration {
    let timeout = try positiveDuration(text)
    guard timeout <= .seconds(10) else {
      throw Rejection(
        reason: "\(timeout) is longer than 10s, after which every request ends", remedy: "write 10s or less")
    }
    return timeout
  }

  static func egressPattern(_ text: String) throws(Rejection) -> EgressPattern {
    guard let pattern = EgressPattern(text) else {
      throw Rejection(
        reason: "\(quoted(text)) is not a host pattern",
        remedy: "write a host, *.DOMAIN or *, each with :PORT if only that port is meant, as prometheus.monitoring:9090"
      )
    }
    return pattern
  }

  /// A percentage as a share: `30%` is 0.3.
  static func share(_ text: String) throws(Rejection) -> Double {
    let digits = text.dropLast()
    guard text.hasSuffix("%"), (1...6).contains(digits.utf8.count), digits.first != ".", digits.last != ".",
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let percent = Double(digits), percent > 0,
      percent < 100
    else {
      throw Rejection(
        reason: "\(quoted(text)) is not a percentage above 0% and below 100%", remedy: "write for example 30%")
    }
    return percent / 100
  }

  static func positiveCount(_ text: String) throws(Rejection) -> Int {
    guard (1...6).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let count = Int(text), count > 0
    else {
      throw Rejection(reason: "\(quoted(text)) is not a number from 1 to 999999", remedy: "write for example 5")
    }
    return count
  }
}
