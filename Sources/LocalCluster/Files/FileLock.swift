import Glibc

/// An exclusive lock on a file, held until this object is gone or its process has ended, however it ended.
final class FileLock: Sendable {
  private let descriptor: Int32

  /// `nil` when somebody else holds the lock, or the file cannot be opened.
  init?(path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  /// Locks one byte of a file that many share. `nil` when somebody else holds that lock, or the file cannot be opened.
  init?(path: String, byte: Int) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    var range = Glibc.flock()
    range.l_type = Int16(F_WRLCK)
    range.l_whence = Int16(SEEK_SET)
    range.l_start = off_t(byte)
    range.l_len = 1
    // F_OFD_SETLK: the lock belongs to this descriptor, not to the whole process. The module map does not have it.
    guard fcntl(descriptor, 37, &range) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
