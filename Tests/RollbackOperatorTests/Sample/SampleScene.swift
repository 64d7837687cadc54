import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Logging
import RollbackCore
import TestSupport

@testable import RollbackOperator

/// An API server whose answers a test has written down, by the path of the request.
struct SampleScene {
  static let pods = RevisionPods(workload: NamespacedName(namespace: "shop", name: "web"), hash: "r2")

  let clock = ManualClock(.automatic, wallTime: testStart)
  let transport: ScriptedTransport
  let client: KubernetesClient

  init(mayWrite: Bool = true, _ answer: @escaping @Sendable (TransportRequest, Int) -> ScriptedTransport.Answer?) {
    transport = ScriptedTransport(clock: clock, respond: answer)
    client = KubernetesClient(
      transport: transport, clock: clock, logger: Logger(label: "test"), policy: .single(timeout: .seconds(1))
    ).writing { mayWrite }
  }

  static func list(_ items: [JSONValue]) -> ScriptedTransport.Answer {
    answer(["kind": "List", "metadata": ["resourceVersion": "1"], "items": .array(items)])
  }

  static func answer(_ value: JSONValue, status: Int = 200) -> ScriptedTransport.Answer {
    .json(status, String(decoding: value.serialized(), as: UTF8.self))
  }

  /// A pod with these containers.
  static func pod(_ name: String, _ containers: [JSONValue]) -> JSONValue {
    [
      "metadata": ["name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)")],
      "spec": ["containers": .array(containers)],
    ]
  }
}

extension MeasurementResult {
  var outcome: Sample.Outcome? { samples.count == 1 ? samples[0].outcome : nil }

  /// The sentence of a reading that failed.
  var failure: String? { if case .failed(let cause) = outcome { cause } else { nil } }

  /// The sentence of a reading that says nothing.
  var silence: String? { if case .noData(let cause) = outcome { cause } else { nil } }
}
