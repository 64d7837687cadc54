import KubernetesClient
import Synchronization

/// What was compared, and what differed.
final class DifferentialReport: Sendable {
  private struct Content {
    var sequences = 0
    var operations = 0
    var objects = 0
    var watches = 0
    var events = 0
    var refusals = 0
    var perKind: [String: Int] = [:]
    var tolerated: [String: Int] = [:]
    var differences: [String] = []
  }

  private let content = Mutex(Content())

  func counted(_ operation: DifferentialOperation, isRefusal: Bool) {
    content.withLock { content in
      content.operations += 1
      if isRefusal { content.refusals += 1 }
      content.perKind[operation.resource.plural, default: 0] += 1
    }
  }

  func finished(objects: Int) {
    content.withLock { content in
      content.sequences += 1
      content.objects += objects
    }
  }

  func watched(events: Int) {
    content.withLock { content in
      content.watches += 1
      content.events += events
    }
  }

  func tolerate(_ name: String) { content.withLock { $0.tolerated[name, default: 0] += 1 } }

  func differs(_ text: String) { content.withLock { $0.differences.append(text) } }

  var differences: [String] { content.withLock { $0.differences.sorted() } }

  var operations: Int { content.withLock { $0.operations } }

  var text: String {
    content.withLock { content in
      var lines = [
        "\(content.sequences) sequences, \(content.operations) operations (\(content.refusals) of them refused by both "
          + "in the same way), \(content.objects) objects at the ends, \(content.events) events of "
          + "\(content.watches) watches"
      ]
      let kinds = content.perKind.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      lines.append(kinds.joined(separator: ", "))
      lines.append("unexplained differences: \(content.differences.count)")
      for tolerance in DifferentialTolerance.all {
        let count = content.tolerated[tolerance.name] ?? 0
        lines.append("tolerated \(count) times: \(tolerance.name): \(tolerance.reason)")
      }
      return lines.joined(separator: "\n")
    }
  }
}
