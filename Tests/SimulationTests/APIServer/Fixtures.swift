import FoundationEssentials
import KubernetesClient
import Logging
import SimulatedCluster
import Synchronization

/// A server with the namespace `shop`, a clock that stands still and numbers that count.
struct Fixture {
  let server: SimulatedAPIServer
  let client: KubernetesClient

  init(seed: UInt64 = 0) {
    let counter = Mutex<UInt64>(seed << 32)
    server = SimulatedAPIServer(
      now: { Date(timeIntervalSince1970: 1_800_000_000) },
      number: {
        counter.withLock { value in
          value += 1
          return value &* 0x9e37_79b9_7f4a_7c15
        }
      })
    _ = try? server.create(.namespaces, nil, ["metadata": ["name": "shop"]], user: "tester")
    client = KubernetesClient(
      transport: DirectTransport(server: server), logger: Logger(label: "test"), fieldManager: "tester",
      policy: .single(timeout: .seconds(5)))
  }

  static func deployment(_ name: String, image: String = "web:1") -> JSONValue {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name), "labels": ["app": "web"]],
      "spec": [
        "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "metadata": ["labels": ["app": "web"]],
          "spec": ["containers": [["name": "web", "image": .string(image)]]],
        ],
      ],
    ]
  }

  static func replicaSet(_ name: String) -> JSONValue {
    var body = deployment(name)
    body["kind"] = "ReplicaSet"
    return body
  }

  func openWatch(_ path: String) throws -> SimulatedWatch {
    try server.openWatch(TransportRequest(method: "GET", path: path), user: "tester").get()
  }
}

extension SimulatedWatch {
  /// The type and the name of each line that is ready.
  func lines() throws -> [String] {
    var lines: [String] = []
    while let line = takeLine() {
      let value = try JSONValue(parsing: line.dropLast())
      let metadata = value["object"]?["metadata"]
      lines.append("\(value["type"]?.string ?? "") \(metadata?["name"]?.string ?? "")")
    }
    return lines
  }
}

/// Lines that several may add to.
final class Log: Sendable {
  private let content = Mutex<[String]>([])

  var lines: [String] { content.withLock { $0 } }

  func add(_ line: String) { content.withLock { $0.append(line) } }
}
