import ArgumentParser
import FoundationEssentials
import RollbackCommands

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `kubectl rollback lint -f FILE`
struct LintCommand: VerbCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Judges RollbackPolicies in files, without a cluster.",
    discussion: """
      Every mistake is named with file, line, document and field, and with what to write instead. Status 2 when there is \
      any. Rules between several fields are mostly judged, too; the API server has the last word \
      (`kubectl apply --dry-run=server`).
      """)

  @Option(
    name: [.customShort("f"), .customLong("filename")], parsing: .upToNextOption,
    help: "YAML files, or folders of them; - for standard input.")
  var files: [String]

  func run(environment: [String: String], console: Console) async throws -> CommandStatus {
    LintVerb(try files.flatMap(Self.expand).map(Self.read)).run(console)
  }

  /// The files of a folder, as kubectl takes them; a file is itself.
  private static func expand(_ path: String) throws -> [String] {
    var isFolder = false
    guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
      return [path]
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { name in
      [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
    }
    guard !files.isEmpty else { throw CommandFailure.error("\(path) has no YAML file; name another folder.") }
    return files.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }

  private static let largest = 16 << 20

  private static func read(_ path: String) throws -> LintVerb.Source {
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { if descriptor != 0 { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { Self.readSome(descriptor, $0) }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(path)
      }
      bytes += buffer[..<count]
      guard bytes.count <= largest else {
        throw CommandFailure.error("\(path) has more than \(largest >> 20) MiB; name a file with policies.")
      }
    }
    return LintVerb.Source(name: path == "-" ? "standard input" : path, text: String(decoding: bytes, as: UTF8.self))
  }

  private static func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer.baseAddress, buffer.count)
    #else
      Darwin.read(descriptor, buffer.baseAddress, buffer.count)
    #endif
  }

  private static func unreadable(_ path: String) -> CommandFailure {
    .error("\(path) cannot be read: \(String(cString: strerror(errno))); check the path and its permissions.")
  }
}
