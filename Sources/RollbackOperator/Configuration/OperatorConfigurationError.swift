/// Where a value of the configuration came from.
public enum ConfigurationSource: Sendable, Equatable, CustomStringConvertible {
  case defaultValue
  /// Path of the file, and the line where the key stands.
  case file(path: String, line: Int?)
  /// Name of the environment variable.
  case environment(String)
  /// The flag with its dashes.
  case flag(String)

  public var description: String {
    switch self {
    case .defaultValue: "default"
    case .file(let path, let line): line.map { "\(path) line \($0)" } ?? path
    case .environment(let name): "environment variable \(name)"
    case .flag(let name): name
    }
  }
}

extension ConfigurationSource {
  /// The same file at another line.
  func at(line: Int?) -> ConfigurationSource {
    guard case .file(let path, _) = self else { return self }
    return .file(path: path, line: line)
  }
}

/// The operator's configuration cannot be used. The process ends with status 2.
public struct OperatorConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One mistake, complete enough to be mended without looking anything up.
  public struct Problem: Sendable, Equatable, CustomStringConvertible {
    public var source: ConfigurationSource
    /// Path of the key, as `leaderElection.leaseDuration`; empty when the whole source is meant.
    public var key: String
    /// What is wrong.
    public var reason: String
    /// What to write instead.
    public var remedy: String

    public init(source: ConfigurationSource, key: String, reason: String, remedy: String) {
      self.source = source
      self.key = key
      self.reason = reason
      self.remedy = remedy
    }

    public var description: String {
      let place = key.isEmpty ? "\(source)" : "\(source): \(key)"
      return "\(place): \(reason); \(remedy)"
    }
  }

  /// Everything that is wrong, so that it can be mended at once; never empty.
  public var problems: [Problem]

  public init(_ problems: [Problem]) {
    self.problems = problems
  }

  private static let shown = 20

  /// One line for each problem.
  public var description: String {
    let lines = problems.prefix(Self.shown).map(\.description)
    let rest = problems.count - lines.count
    return (lines + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: "\n")
  }
}

/// Why one value is refused, before it is known where it stands.
struct Rejection: Error, Sendable, Equatable {
  var reason: String
  var remedy: String
}

/// A value as it may stand in a message: quoted, on one line, cut.
func quoted(_ value: String, limit: Int = 60) -> String {
  let visible = value.unicodeScalars.prefix(limit).map { scalar in
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
    default: String(scalar)
    }
  }
  return "\"" + visible.joined() + (value.unicodeScalars.count > limit ? "…" : "") + "\""
}
