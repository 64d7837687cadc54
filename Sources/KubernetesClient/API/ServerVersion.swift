/// The version of an API server, as `/version` tells it.
public struct ServerVersion: Sendable, Equatable, Comparable, CustomStringConvertible {
  public var major: Int
  public var minor: Int
  /// For example `v1.36.0`, with whatever the distributor added.
  public var gitVersion: String

  public init(major: Int, minor: Int, gitVersion: String = "") {
    self.major = major
    self.minor = minor
    self.gitVersion = gitVersion
  }

  /// `nil` unless both numbers are there; distributors write `20+`.
  init?(_ value: JSONValue) {
    guard let major = Self.number(value["major"]), let minor = Self.number(value["minor"]) else { return nil }
    self.init(major: major, minor: minor, gitVersion: value["gitVersion"]?.string ?? "")
  }

  public static func < (first: ServerVersion, second: ServerVersion) -> Bool {
    (first.major, first.minor) < (second.major, second.minor)
  }

  public static func == (first: ServerVersion, second: ServerVersion) -> Bool {
    (first.major, first.minor) == (second.major, second.minor)
  }

  public var description: String { gitVersion.isEmpty ? "v\(major).\(minor)" : gitVersion }

  private static func number(_ value: JSONValue?) -> Int? {
    guard let text = value?.string else { return nil }
    return Int(text.prefix { $0.isASCII && $0.isNumber })
  }
}
