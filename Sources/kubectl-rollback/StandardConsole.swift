import RollbackCommands

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The console of this process: standard output and standard error.
enum StandardConsole {
  static func make(environment: [String: String]) -> Console {
    let wantsNone = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let isColoured = isatty(1) == 1 && !wantsNone && environment["TERM"] != "dumb"
    return Console(isColoured: isColoured, write: { write($0, to: 1) }, remark: { write("\($0)\n", to: 2) })
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        #if canImport(Glibc)
          let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        #elseif canImport(Musl)
          let count = Musl.write(descriptor, rest.baseAddress, rest.count)
        #else
          let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
        #endif
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if count == 0 || errno != EINTR {
          // Nobody reads the result any more, as after `head`: a watch would go on for nobody.
          if errno == EPIPE, descriptor == 1 { exit(CommandStatus.error.rawValue) }
          return
        }
      }
    }
  }
}
