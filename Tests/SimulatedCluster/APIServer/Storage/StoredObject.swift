import KubernetesClient
import Synchronization

/// One state of one object. It never changes; its bytes are made when somebody first wants them, and kept.
final class StoredObject: Sendable {
  let value: JSONValue
  let resourceVersion: UInt64
  let namespace: String?
  let name: String
  private let texts = Mutex(Texts())

  /// The same object in the forms in which it is sent.
  private struct Texts {
    var whole: [UInt8]?
    var metadataOnly: [UInt8]?
  }

  init(_ value: JSONValue, resourceVersion: UInt64, namespace: String?, name: String) {
    self.value = value
    self.resourceVersion = resourceVersion
    self.namespace = namespace
    self.name = name
  }

  var labels: JSONObject? { value["metadata"]?["labels"]?.object }
  var uid: String { value["metadata"]?["uid"]?.string ?? "" }

  func bytes(metadataOnly: Bool) -> [UInt8] {
    metadataOnly ? partialBytes : wholeBytes
  }

  private var wholeBytes: [UInt8] {
    texts.withLock { texts in
      if let whole = texts.whole { return whole }
      let whole = value.serialized()
      texts.whole = whole
      return whole
    }
  }

  private var partialBytes: [UInt8] {
    texts.withLock { texts in
      if let partial = texts.metadataOnly { return partial }
      let partial = Self.metadataOnly(value).serialized()
      texts.metadataOnly = partial
      return partial
    }
  }

  static func metadataOnly(_ value: JSONValue) -> JSONValue {
    [
      "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": value["metadata"] ?? [:],
    ]
  }
}
