#if LIBFUZZER
  import FuzzTargets
  import Synchronization

  /// libFuzzer's own main loop, which comes with the compiler's `-sanitize=fuzzer`.
  enum LibFuzzer {
    private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    @_silgen_name("LLVMFuzzerRunDriver")
    private static func runDriver(
      _ count: UnsafeMutablePointer<CInt>, _ values: UnsafeMutablePointer<Arguments>, _ callback: Callback
    ) -> CInt

    /// A function for C captures nothing, so the target stands here.
    private static let running = Mutex<FuzzTarget?>(nil)

    /// Runs until something is found or the time given with `-max_total_time` is over.
    static func run(_ target: FuzzTarget, named name: String) -> CInt {
      running.withLock { $0 = target }
      // The name is taken out, so that libFuzzer does not take it for a folder.
      var values = CommandLine.unsafeArgv
      values[1] = values[0]
      values += 1
      var count = CommandLine.argc - 1
      return runDriver(&count, &values) { start, count in
        guard let target = LibFuzzer.running.withLock({ $0 }) else { return -1 }
        do {
          try target.check(Array(UnsafeBufferPointer(start: start, count: count)))
        } catch {
          fatalError("\(target.name): \(error)")
        }
        return 0
      }
    }
  }
#endif
