#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The `process_*` metrics, read from `/proc` at each scrape; where there is no `/proc` there are none.
struct ProcessMetrics: Sendable {
  struct Reading: Sendable, Equatable {
    var name: String
    var help: String
    var kind: MetricRegistry.Kind
    var value: Double
  }

  private static let help: [(name: String, kind: MetricRegistry.Kind, help: String)] = [
    ("process_cpu_seconds_total", .counter, "Processor time spent in user and system mode, in seconds"),
    ("process_max_fds", .gauge, "Most file descriptors that may be open"),
    ("process_open_fds", .gauge, "Open file descriptors"),
    ("process_resident_memory_bytes", .gauge, "Resident memory in bytes"),
    ("process_start_time_seconds", .gauge, "Start of the process, in seconds since the epoch"),
    ("process_threads", .gauge, "Threads of the process"),
    ("process_virtual_memory_bytes", .gauge, "Virtual memory in bytes"),
  ]

  static let names = help.map(\.name)

  private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
  private let pageSize = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
  private let bootTime: Double?

  init() {
    // /proc/stat is long on large machines and its boot time does not change: read once.
    bootTime = Self.text("/proc/stat").flatMap(Self.bootTime)
  }

  func readings() -> [Reading] {
    var values: [String: Double] = [:]
    if let stat = Self.text("/proc/self/stat").flatMap(ProcessStatus.init) {
      values["process_cpu_seconds_total"] = stat.processorTicks / ticksPerSecond
      values["process_threads"] = stat.threads
      values["process_virtual_memory_bytes"] = stat.virtualBytes
      values["process_resident_memory_bytes"] = stat.residentPages * pageSize
      if let bootTime { values["process_start_time_seconds"] = bootTime + stat.startTicks / ticksPerSecond }
    }
    if let count = Self.entries(of: "/proc/self/fd") { values["process_open_fds"] = Double(count) }
    if let most = Self.text("/proc/self/limits").flatMap(Self.openFilesLimit) { values["process_max_fds"] = most }
    return Self.help.compactMap { name, kind, help in
      values[name].map { Reading(name: name, help: help, kind: kind, value: $0) }
    }
  }

  static func bootTime(of stat: String) -> Double? {
    stat.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
  }

  static func openFilesLimit(of limits: String) -> Double? {
    let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
    return line?.split(separator: " ").dropFirst(3).first.flatMap { Double($0) }
  }

  private static func text(_ path: String) -> String? {
    (try? BoundedFile.read(path, limit: 4 * 1_024 * 1_024)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// How many entries a directory has, without the descriptor that reads it.
  private static func entries(of path: String) -> Int? {
    guard let directory = opendir(path) else { return nil }
    defer { _ = closedir(directory) }
    var count = 0
    // "." and "..", and the descriptor of this very directory.
    while readdir(directory) != nil { count += 1 }
    return max(0, count - 3)
  }
}

/// The fields of `/proc/PID/stat` that are exposed. The command's name stands in parentheses and may hold anything.
struct ProcessStatus: Equatable {
  var processorTicks: Double
  var threads: Double
  var startTicks: Double
  var virtualBytes: Double
  var residentPages: Double

  init?(_ stat: String) {
    guard let end = stat.lastIndex(of: ")") else { return nil }
    // The first of these is field 3 of proc(5).
    let fields = stat[stat.index(after: end)...].split { $0 == " " || $0 == "\n" }
    func field(_ number: Int) -> Double? {
      fields.indices.contains(number - 3) ? Double(fields[number - 3]) : nil
    }
    guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
      let virtual = field(23), let resident = field(24)
    else { return nil }
    processorTicks = user + system
    self.threads = threads
    startTicks = start
    virtualBytes = virtual
    residentPages = resident
  }
}
