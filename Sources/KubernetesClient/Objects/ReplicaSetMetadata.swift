/// The metadata of a ReplicaSet, asked for as `PartialObjectMetadata`: enough to know the revisions of a Deployment.
///
/// A value behind one reference, as ``Deployment`` is.
public struct ReplicaSetMetadata: KubernetesObject, Equatable {
  public static var resource: APIResource { .replicaSets }
  public static var wantsMetadataOnly: Bool { true }

  private var box: Box<ObjectMeta>

  public init(metadata: ObjectMeta = ObjectMeta()) {
    box = Box(metadata)
  }

  public var metadata: ObjectMeta {
    get { box.value }
    set { box = Box(newValue) }
  }

  public init(from cursor: inout JSONCursor) throws(JSONError) {
    var metadata = ObjectMeta()
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "metadata": metadata = try ObjectMeta(from: &cursor)
      default: try cursor.skip()
      }
    }
    box = Box(metadata)
  }

  /// The number that the Deployment controller gave to this revision; `nil` if there is none that can be read.
  public var revision: Int64? {
    metadata.annotations["deployment.kubernetes.io/revision"].flatMap { Int64($0) }
  }

  /// The label that this ReplicaSet's pods carry, derived from the template.
  public var podTemplateHash: String? { metadata.labels["pod-template-hash"] }

  /// The UID of the Deployment that manages this ReplicaSet.
  public var controllerUID: String? {
    metadata.controller.flatMap { $0.kind == "Deployment" ? $0.uid : nil }
  }
}
