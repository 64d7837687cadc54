import FoundationEssentials
import Glibc
import Testing

/// The wall clock of one process, which a test may set. A small library is loaded before all others and adds to what
/// the kernel says; the monotonic clock is left alone, as it is when somebody sets a machine's clock.
struct MovedClock: Sendable {
  private let library: String
  private let file: String

  /// - Parameter path: where its two files are, or will be made.
  init(path: String) {
    library = "\(path).so"
    file = "\(path).offset"
  }

  /// Makes the files.
  func make() async throws {
    try Data(count: 8).write(to: URL(filePath: file))
    let compiler = Tool.isInstalled("clang") ? "clang" : "cc"
    let built = try await Tool.run(
      compiler, ["-shared", "-fPIC", "-x", "c", "-", "-o", library, "-ldl"], input: Self.source)
    if !built.succeeded { throw HarnessError("the clock's library cannot be built: \(built.error)") }
  }

  static var canBeBuilt: Bool { Tool.isInstalled("clang") || Tool.isInstalled("cc") }

  /// For the process whose clock it is.
  var environment: [String: String] { ["LD_PRELOAD": library, "CLOCK_OFFSET_FILE": file] }

  /// From now on the process sees the time that is so many seconds later.
  func move(by seconds: Int64) throws {
    // In place: the process has this very file in its memory.
    let handle = try #require(fopen(file, "r+"))
    defer { fclose(handle) }
    withUnsafeBytes(of: seconds) { bytes in _ = fwrite(bytes.baseAddress, 1, bytes.count, handle) }
  }

  /// How many seconds later than others a process with this clock believes it is.
  func shift() async throws -> Double {
    let variables = environment.map { "\($0.key)=\($0.value)" }
    let told = try await Tool.run("env", variables + ["date", "+%s"]).output
    return try #require(Double(told.filter { !$0.isWhitespace })) - Date().timeIntervalSince1970
  }

  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #include <sys/time.h>
    #include <time.h>
    static volatile long long *offset;
    __attribute__((constructor)) static void start(void) {
      const char *path = getenv("CLOCK_OFFSET_FILE");
      int file = path ? open(path, O_RDONLY) : -1;
      void *page = file < 0 ? MAP_FAILED : mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
      if (page != MAP_FAILED) offset = page;
    }
    int clock_gettime(clockid_t clock, struct timespec *time) {
      static int (*real)(clockid_t, struct timespec *);
      if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
      int result = real(clock, time);
      if (!result && clock == CLOCK_REALTIME && offset) time->tv_sec += *offset;
      return result;
    }
    int gettimeofday(struct timeval *restrict time, void *restrict zone) {
      struct timespec now;
      int result = clock_gettime(CLOCK_REALTIME, &now);
      time->tv_sec = now.tv_sec;
      time->tv_usec = now.tv_nsec / 1000;
      return result;
    }
    time_t time(time_t *out) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (out) *out = now.tv_sec;
      return now.tv_sec;
    }

    """
}
