import FoundationEssentials
import Glibc

/// The few things done to files, with errors that name the file.
enum FileSystem {
  /// Makes a folder, and those above it, that only this user may enter.
  static func makeFolder(_ path: String) throws(ClusterError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw ClusterError(.files, "could not make the folder \(path): \(error)")
    }
  }

  /// Writes a file that only this user may read. Readers see the old content or the new, never a part.
  static func write(_ content: String, to path: String) throws(ClusterError) {
    let temporary = "\(path).\(UInt32.random(in: 0 ... .max)).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("could not write", temporary) }
    let bytes = Array(content.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        let error = failure("could not write", temporary)
        close(descriptor)
        unlink(temporary)
        throw error
      }
      written += count
    }
    close(descriptor)
    guard rename(temporary, path) == 0 else { throw failure("could not put in place", path) }
  }

  static func read(_ path: String) throws(ClusterError) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ClusterError(.files, "could not read \(path)")
    }
    return String(decoding: data, as: UTF8.self)
  }

  static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isExecutable(_ path: String) -> Bool {
    access(path, X_OK) == 0 && !isFolder(path)
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  /// Makes a folder this user's alone; `false` if it is another user's.
  static func takeForThisUser(_ path: String) -> Bool {
    lchown(path, getuid(), gid_t.max) == 0 && chmod(path, 0o700) == 0
  }

  static func entries(of folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
  }

  /// The last lines of a file, for an error message.
  static func tail(of path: String, lines: Int) -> String {
    guard let content = try? read(path) else { return "" }
    return content.split(separator: "\n").suffix(lines).joined(separator: "\n")
  }

  private static func failure(_ what: String, _ path: String) -> ClusterError {
    ClusterError(.files, "\(what) \(path): \(String(cString: strerror(errno)))")
  }
}
