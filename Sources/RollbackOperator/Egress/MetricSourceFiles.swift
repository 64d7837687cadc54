import FoundationEssentials
import Synchronization

/// A file with credentials of a source cannot be used.
public struct MetricSourceFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A sentence that names the file, what is wrong and what to do; nothing of the content.
  public var description: String
}

/// What requests to a source of the operator's configuration carry: read from files when it is used, and again when a
/// file has changed, so that a rotated token counts from the next request on.
public final class MetricSourceFiles: Sendable {
  /// The largest file that is read, in bytes.
  static let maximumSize = 256 * 1_024

  /// What changes when a file is written or another is put in its place.
  private struct Version: Equatable {
    var file: UInt64
    var size: UInt64
    var written: Date
  }

  private let contents = Mutex<[String: (version: Version, bytes: [UInt8])]>([:])

  public init() {}

  /// The header fields and certificates of a source, as its files hold them now.
  ///
  /// It reads small local files and so blocks for a moment.
  public func credentials(
    of source: MetricSource.Prometheus
  ) throws(MetricSourceFileError) -> (headers: [(name: String, value: String)], tls: OutboundTLS?) {
    var headers: [(name: String, value: String)] = []
    if let path = source.headersFile { headers += try Self.headers(try read(path), path: path) }
    if let path = source.bearerTokenFile {
      let token = Self.trimmed(String(decoding: try read(path), as: UTF8.self)[...])
      guard !token.isEmpty else {
        throw MetricSourceFileError(
          description: "the bearer token file \(quoted(path)) is empty; write the token into it")
      }
      guard !headers.contains(where: { $0.name.lowercased() == "authorization" }) else {
        throw MetricSourceFileError(
          description:
            "the headers file \(quoted(source.headersFile ?? "")) holds Authorization beside a bearer token; "
            + "leave one of them out")
      }
      headers.append(("Authorization", "Bearer \(token)"))
    }
    let files = source.tls
    guard files != MetricSource.TLS() else { return (headers, nil) }
    var tls = OutboundTLS()
    if let path = files.caFile { tls.authority = try read(path) }
    if let path = files.certFile { tls.certificate = try read(path) }
    if let path = files.keyFile { tls.key = try read(path) }
    return (headers, tls)
  }

  /// One field a line; empty lines and those that begin with `#` are left out.
  private static func headers(
    _ bytes: [UInt8], path: String
  ) throws(MetricSourceFileError) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let line = trimmed(line)
      if line.isEmpty || line.first == "#" { continue }
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
        throw MetricSourceFileError(
          description: "line \(index + 1) of the headers file \(quoted(path)) is no header field; write NAME: VALUE")
      }
      headers.append((String(trimmed(line[..<colon])), String(trimmed(line[line.index(after: colon)...]))))
    }
    return headers
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private func read(_ path: String) throws(MetricSourceFileError) -> [UInt8] {
    let version = Self.version(of: path)
    if let version, let known = contents.withLock({ $0[path] }), known.version == version { return known.bytes }
    do {
      let bytes = try BoundedFile.read(path, limit: Self.maximumSize)
      // A file that was written meanwhile is read again next time.
      if let version { contents.withLock { $0[path] = (version, bytes) } }
      return bytes
    } catch {
      throw MetricSourceFileError(description: "file \(quoted(path, limit: 1_000)) \(error.reason); \(error.remedy)")
    }
  }

  private static func version(of path: String) -> Version? {
    // The links of a mounted Secret stay as they are; where they lead changes.
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
      let file = attributes[.systemFileNumber] as? UInt64, let size = attributes[.size] as? UInt64,
      let written = attributes[.modificationDate] as? Date
    else { return nil }
    return Version(file: file, size: size, written: written)
  }
}
