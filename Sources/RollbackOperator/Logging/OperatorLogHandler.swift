public import FoundationEssentials
public import Logging

/// Writes log messages as lines, for machines or for people.
///
/// Values whose name says that they are secret are not written, whoever logs them.
public struct OperatorLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  public var logLevel: Logger.Level

  private let label: String
  private let format: LogFormat
  private let output: LogOutput
  private let now: @Sendable () -> Date

  /// - Parameters:
  ///   - label: name of the logger.
  ///   - now: the time that a message gets.
  public init(
    label: String, configuration: OperatorConfiguration.Log, metadataProvider: Logger.MetadataProvider? = nil,
    output: LogOutput = .standardError, now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.label = label
    self.logLevel = configuration.level
    self.format = configuration.format
    self.metadataProvider = metadataProvider
    self.output = output
    self.now = now
  }

  /// Makes this the process's way of logging. Once in a process.
  public static func bootstrap(_ configuration: OperatorConfiguration.Log) {
    LoggingSystem.bootstrap(
      { label, provider in Self(label: label, configuration: configuration, metadataProvider: provider) },
      metadataProvider: nil)
  }

  /// Metadata that goes with every line of this logger.
  public subscript(metadataKey name: String) -> Logger.Metadata.Value? {
    get { metadata[name] }
    set { metadata[name] = newValue }
  }

  /// Writes one line.
  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
    if let given = event.metadata { all.merge(given) { _, new in new } }
    if let error = event.error { all["error"] = .string(ErrorText.oneLine(error)) }
    let line = LogLine(
      time: now(), level: event.level, logger: label, message: event.message.description,
      metadata: FlatMetadata(all).values)
    output.writeLine(format == .json ? line.json : line.plain)
  }
}

/// Metadata as a list of names and texts, sorted by name.
struct FlatMetadata {
  private(set) var values: [(name: String, value: String)] = []

  private static let secretWords = [
    "authorization", "bearer", "cookie", "password", "passwd", "privatekey", "token", "credential",
  ]
  private static let depthLimit = 8
  private static let countLimit = 100

  init(_ metadata: Logger.Metadata) {
    add(metadata, under: "", depth: 0)
  }

  private mutating func add(_ metadata: Logger.Metadata, under prefix: String, depth: Int) {
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      add(value, as: prefix.isEmpty ? name : "\(prefix).\(name)", depth: depth)
    }
  }

  private mutating func add(_ value: Logger.MetadataValue, as name: String, depth: Int) {
    guard values.count < Self.countLimit else { return }
    guard !Self.isSecret(name) else {
      values.append((name, "[redacted]"))
      return
    }
    switch value {
    case .string(let text): values.append((name, text))
    case .stringConvertible(let convertible): values.append((name, convertible.description))
    case .dictionary(let inner) where depth < Self.depthLimit: add(inner, under: name, depth: depth + 1)
    case .array(let inner) where depth < Self.depthLimit:
      for (index, element) in inner.enumerated() { add(element, as: "\(name).\(index)", depth: depth + 1) }
    case .dictionary, .array: values.append((name, "…"))
    }
  }

  private static func isSecret(_ name: String) -> Bool {
    let letters = name.lowercased().filter { $0.isLetter }
    return secretWords.contains { letters.contains($0) }
  }
}
