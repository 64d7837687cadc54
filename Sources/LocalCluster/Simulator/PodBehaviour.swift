public import KubernetesClient

/// What a simulated pod does, as the annotations of its template say.
///
/// | annotation `simulator.rollback-operator.io/…` | meaning |
/// | --- | --- |
/// | `behaviour` | one of ``Kind``; `Ready` if absent |
/// | `ready-after` | time from the start of the containers until they are ready, or have ended; `0s` if absent |
/// | `fail-after` | time from the start of the containers until a pod that was good turns bad |
/// | `requests-per-second` | how much traffic a ready pod gets; `10` if absent |
///
/// Those of ``PodSignals`` say what is measured of a pod.
///
/// With `fail-after` a pod first is as one that is `Ready` with ``PodSignals/good``, then shows its behaviour and its
/// signals; `CrashLoop` if its behaviour is `Ready` or absent and no annotation of ``PodSignals`` is given. `Pending`
/// is decided before a pod starts and never turns. A behaviour that is changed on a running pod shows from that moment
/// on. Behaviours concern the first container, as a bad release does; the others run.
public struct PodBehaviour: Sendable, Equatable {
  /// What becomes of a pod.
  public enum Kind: String, Sendable, CaseIterable {
    /// Runs and is ready.
    case ready = "Ready"
    /// Ends with exit code 1 soon after every start.
    case crashLoop = "CrashLoop"
    /// Its image cannot be pulled.
    case imagePull = "ImagePull"
    /// Is killed for its memory soon after every start.
    case oomKilled = "OOMKilled"
    /// Runs and is not ready.
    case unready = "Unready"
    /// No node takes it.
    case pending = "Pending"
    /// Ends with exit code 0 after `ready-after` and stays so, as a Job's pod that is never restarted.
    case succeed = "Succeed"
    /// Ends with exit code 1 after `ready-after` and stays so.
    case fail = "Fail"
  }

  public var kind: Kind
  public var readyAfter: Duration
  public var failAfter: Duration?
  /// How much traffic the pod gets while it is ready.
  public var requestsPerSecond: Double
  /// What is measured of it, from `failAfter` on if that is given; `nil` for what is measured of a good pod.
  public var signals: PodSignals?

  public init(
    kind: Kind = .ready, readyAfter: Duration = .zero, failAfter: Duration? = nil, requestsPerSecond: Double = 10,
    signals: PodSignals? = nil
  ) {
    self.kind = kind
    self.readyAfter = readyAfter
    self.failAfter = failAfter
    self.requestsPerSecond = requestsPerSecond
    self.signals = signals
  }

  /// The prefix of all annotations of the simulator.
  public static let prefix = "simulator.rollback-operator.io/"

  /// Reads a pod's annotations.
  ///
  /// - Throws: ``InvalidBehaviour`` that names the annotation.
  public init(annotations: StringMap) throws(InvalidBehaviour) {
    self.init()
    if let text = annotations[Self.prefix + "behaviour"] {
      guard let kind = Kind(rawValue: text) else {
        let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw InvalidBehaviour(annotation: "behaviour", value: text, expected: "one of \(known)")
      }
      self.kind = kind
    }
    let reader = AnnotationReader(annotations: annotations)
    readyAfter = try reader.duration("ready-after") ?? .zero
    failAfter = try reader.duration("fail-after")
    requestsPerSecond =
      try reader.value("requests-per-second", expected: "a number from 0 to 1000000") { text in
        Double(text).flatMap { (0...1_000_000).contains($0) ? $0 : nil }
      } ?? requestsPerSecond
    signals = try PodSignals(reader)
  }

  /// What is shown once the pod has turned bad.
  var badKind: Kind { kind == .ready && signals == nil ? .crashLoop : kind }
}

/// Reads annotations of the simulator.
struct AnnotationReader {
  var annotations: StringMap

  /// What `parse` makes of an annotation; `nil` when it is absent.
  func value<Value>(
    _ name: String, expected: String, _ parse: (String) -> Value?
  ) throws(InvalidBehaviour) -> Value? {
    guard let text = annotations[PodBehaviour.prefix + name] else { return nil }
    guard let value = parse(text) else { throw InvalidBehaviour(annotation: name, value: text, expected: expected) }
    return value
  }

  func duration(_ name: String) throws(InvalidBehaviour) -> Duration? {
    try value(name, expected: "a duration such as 500ms, 30s or 1m30s") { Duration(goText: $0) }
  }
}

/// An annotation of the simulator that cannot be read. The pod stays pending and says so.
public struct InvalidBehaviour: Error, Sendable, Equatable, CustomStringConvertible {
  public var annotation: String
  public var value: String
  public var expected: String

  public var description: String {
    "annotation \(PodBehaviour.prefix)\(annotation): \"\(value.prefix(100))\" is not \(expected)"
  }
}

extension Duration {
  /// Reads a duration as Go writes it: `1h`, `1m30s`, `500ms`; `nil` for anything else, and for more than a year.
  init?(goText text: String) {
    var rest = Substring(text)
    var total = Duration.zero
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let amount = Int64(digits), amount <= 31_536_000 else { return nil }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      switch unit {
      case "h": total += .seconds(amount * 3_600)
      case "m": total += .seconds(amount * 60)
      case "s": total += .seconds(amount)
      case "ms": total += .milliseconds(amount)
      default: return nil
      }
    }
    guard total <= .seconds(31_536_000) else { return nil }
    self = total
  }
}
