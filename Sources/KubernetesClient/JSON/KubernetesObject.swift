/// A kind of object that this client can read.
public protocol KubernetesObject: Sendable {
  /// Where the API server serves this kind.
  static var resource: APIResource { get }
  /// Whether only the metadata is asked for (`PartialObjectMetadata`).
  static var wantsMetadataOnly: Bool { get }
  var metadata: ObjectMeta { get }
  /// Reads exactly one value. Members that are not known are skipped; `null` is the same as absent.
  init(from cursor: inout JSONCursor) throws(JSONError)
}

extension KubernetesObject {
  public static var wantsMetadataOnly: Bool { false }

  /// Reads one object from its JSON text.
  public static func decode(_ bytes: [UInt8]) throws(JSONError) -> Self {
    var cursor = JSONCursor(bytes.span)
    do throws(JSONError) {
      let object = try Self(from: &cursor)
      try cursor.finish()
      return object
    } catch {
      throw error.located(in: bytes.span)
    }
  }
}

/// An object, or what can be said about one that could not be read. One bad object never stops the others.
public enum Decoded<Object: KubernetesObject>: Sendable {
  case object(Object)
  indirect case undecodable(UndecodableObject)

  /// The metadata, as far as readable.
  public var metadata: ObjectMeta {
    switch self {
    case .object(let object): object.metadata
    case .undecodable(let broken): broken.metadata
    }
  }

  /// The object, if it could be read.
  public var object: Object? {
    if case .object(let object) = self { object } else { nil }
  }
}

extension Decoded: Equatable where Object: Equatable {}

/// What is left of an object that could not be read.
public struct UndecodableObject: Sendable, Equatable {
  /// As far as readable: fields that are not keep their default.
  public var metadata: ObjectMeta
  public var error: JSONError

  public init(metadata: ObjectMeta, error: JSONError) {
    self.metadata = metadata
    self.error = error
  }
}

extension Decoded {
  /// The largest object that is read, in bytes of JSON. What etcd stores is at most 1.5 MiB.
  public static var maximumObjectSize: Int { 2 << 20 }

  /// Reads one value and stays in step whatever is inside it.
  ///
  /// - Throws: only if the end of the value cannot be found.
  init(from cursor: inout JSONCursor) throws(JSONError) {
    cursor.skipWhitespace()
    let start = cursor.position
    do throws(JSONError) {
      let object = try Object(from: &cursor)
      guard cursor.position.depth == start.depth else { throw cursor.error(.invalidValue("decoder left the object")) }
      guard cursor.offset - start.offset <= Self.maximumObjectSize else {
        throw JSONError(offset: start.offset, reason: .tooLarge)
      }
      self = .object(object)
    } catch {
      cursor.position = start
      try cursor.skipBalanced()
      let end = cursor.position
      cursor.position = start
      let metadata = ObjectMeta(readableIn: &cursor)
      cursor.position = end
      let located = error.located(in: cursor.bytes.extracting(start.offset..<end.offset), startingAt: start.offset)
      self = .undecodable(UndecodableObject(metadata: metadata, error: located))
    }
  }
}
