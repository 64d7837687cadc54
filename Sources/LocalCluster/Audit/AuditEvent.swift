import FoundationEssentials
import Glibc
public import KubernetesClient

/// One request as the API server's audit log tells it, written after the answer was sent.
public struct AuditEvent: Sendable {
  /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`.
  public var verb: String
  /// The user's name, before impersonation.
  public var user: String
  public var userAgent: String
  /// API group; empty for the core group.
  public var group: String
  /// Plural name; empty for requests that are not for a resource.
  public var resource: String
  /// Empty for the object itself.
  public var subresource: String
  public var namespace: String
  public var name: String
  /// HTTP status of the answer.
  public var code: Int
  public var requestURI: String
  /// What was sent, for writes of workloads, of Leases and of this project's own kinds.
  public var requestObject: JSONValue?
  /// When the request came in, as RFC 3339 with microseconds.
  public var received: String
  /// When the answer was sent, written likewise.
  public var completed: String

  init?(line: [UInt8]) {
    guard let value = try? JSONValue(parsing: line), value["stage"]?.string == "ResponseComplete" else {
      return nil
    }
    let object = value["objectRef"]
    verb = value["verb"]?.string ?? ""
    user = value["user"]?["username"]?.string ?? ""
    userAgent = value["userAgent"]?.string ?? ""
    group = object?["apiGroup"]?.string ?? ""
    resource = object?["resource"]?.string ?? ""
    subresource = object?["subresource"]?.string ?? ""
    namespace = object?["namespace"]?.string ?? ""
    name = object?["name"]?.string ?? ""
    code = value["responseStatus"]?["code"]?.int ?? 0
    requestURI = value["requestURI"]?.string ?? ""
    requestObject = value["requestObject"]
    received = value["requestReceivedTimestamp"]?.string ?? ""
    completed = value["stageTimestamp"]?.string ?? ""
  }

  /// Whether this is an accepted patch of an object's pod template, however the patch is written. Dry runs do not
  /// count.
  public var isTemplatePatch: Bool {
    guard verb == "patch", subresource.isEmpty, (200..<300).contains(code), !requestURI.contains("dryRun=") else {
      return false
    }
    if let operations = requestObject?.array {
      return operations.contains { operation in
        let path = operation["path"]?.string ?? ""
        return operation["op"]?.string != "test" && (path == "/spec/template" || path.hasPrefix("/spec/template/"))
      }
    }
    return requestObject?["spec"]?["template"] != nil
  }
}

extension LocalCluster {
  /// The requests that the API server has answered so far, oldest first.
  ///
  /// A request may appear some milliseconds after its client has got the answer.
  ///
  /// - Parameter namespace: only requests for this namespace; asking for one is cheap however long the log is.
  public func auditEvents(namespace: String? = nil) throws(ClusterError) -> [AuditEvent] {
    let path = directory.path("audit.log")
    guard FileSystem.exists(path), let log = FileManager.default.contents(atPath: path) else { return [] }
    let needle = namespace.map { Array("\"namespace\":\"\($0)\"".utf8) } ?? []
    let events = Self.lines(of: log, containing: needle).compactMap { AuditEvent(line: $0) }
    return namespace.map { wanted in events.filter { $0.namespace == wanted } } ?? events
  }

  /// The whole lines that contain `needle`; all of them when it is empty.
  static func lines(of log: Data, containing needle: [UInt8]) -> [[UInt8]] {
    // The C library's searches, which end at a zero: a debug build would take seconds over a long log.
    var text = log
    text.append(0)
    let wanted = needle.map { CChar(bitPattern: $0) } + [0]
    return text.withUnsafeBytes { bytes in
      guard let base = bytes.bindMemory(to: CChar.self).baseAddress else { return [] }
      var lines: [[UInt8]] = []
      var line = base
      while let hit = strstr(line, wanted), hit.pointee != 0 {
        while let end = strchr(line, 10), end < hit { line = UnsafePointer(end) + 1 }
        guard let end = strchr(line, 10) else { break }
        let length = line.distance(to: UnsafePointer(end))
        lines.append(UnsafeBufferPointer(start: line, count: length).map { UInt8(bitPattern: $0) })
        line = UnsafePointer(end) + 1
      }
      return lines
    }
  }
}
