import FoundationEssentials
import FuzzTargets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One reader over files.
enum Replay {
  /// - Returns: 1 if something does not hold for one of them.
  static func run(_ target: FuzzTarget, files: [String]) -> CInt {
    var status: CInt = 0
    for file in files {
      guard let bytes = FileManager.default.contents(atPath: file) else {
        print("\(file) cannot be read")
        status = 66
        continue
      }
      do {
        try target.check(Array(bytes))
        print("\(file): all holds")
      } catch {
        print("\(file): \(error)")
        status = 1
      }
    }
    return status
  }
}

/// The end of the process.
enum Exit {
  static func now(_ status: CInt) -> Never { exit(status) }
}
