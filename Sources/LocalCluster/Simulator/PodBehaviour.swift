public import KubernetesClient

/// What a simulated pod does, as the annotations of its template say.
///
/// | annotation `simulator.rollback-operator.io/…` | meaning |
/// | --- | --- |
/// | `behaviour` | one of ``Kind``; `Ready` if absent |
/// | `ready-after` | time from the start of the containers until they are ready; `0s` if absent |
/// | `fail-after` | time from the start of the containers until a pod that was good turns bad |
///
/// With `fail-after` a pod first is as one that is `Ready`, then shows its behaviour; `CrashLoop` if that is `Ready` or
/// absent. `Pending` is decided before a pod starts and never turns. A behaviour that is changed on a running pod shows
/// from that moment on. Behaviours concern the first container, as a bad release does; the others run.
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
  }

  public var kind: Kind
  public var readyAfter: Duration
  public var failAfter: Duration?

  public init(kind: Kind = .ready, readyAfter: Duration = .zero, failAfter: Duration? = nil) {
    self.kind = kind
    self.readyAfter = readyAfter
    self.failAfter = failAfter
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
    readyAfter = try Self.duration("ready-after", in: annotations) ?? .zero
    failAfter = try Self.duration("fail-after", in: annotations)
  }

  /// What is shown once the pod has turned bad.
  var badKind: Kind { kind == .ready ? .crashLoop : kind }

  private static func duration(_ name: String, in annotations: StringMap) throws(InvalidBehaviour) -> Duration? {
    guard let text = annotations[prefix + name] else { return nil }
    guard let duration = Duration(goText: text) else {
      throw InvalidBehaviour(annotation: name, value: text, expected: "a duration such as 500ms, 30s or 1m30s")
    }
    return duration
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
