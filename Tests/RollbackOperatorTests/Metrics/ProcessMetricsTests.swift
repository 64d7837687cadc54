import Testing

@testable import RollbackOperator

@Suite("Metrics of the process")
struct ProcessMetricsTests {
  @Test("The command's name may hold anything")
  func status() throws {
    let line = "4242 (a) (b) 1 2) S 1 4242 4242 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 7 0 12345 1048576 300 0 0\n"
    let status = try #require(ProcessStatus(line))
    #expect(status.processorTicks == 300)
    #expect(status.threads == 7)
    #expect(status.startTicks == 12_345)
    #expect(status.virtualBytes == 1_048_576)
    #expect(status.residentPages == 300)
  }

  @Test("Broken files give no reading", arguments: ["", "1 (a", "1 (a) S 1 2", "1 (a) S x x x x x x x x x x x x x"])
  func broken(text: String) {
    #expect(ProcessStatus(text) == nil)
  }

  @Test("Boot time and the limit of open files are found")
  func lines() {
    #expect(ProcessMetrics.bootTime(of: "cpu 1 2\nintr 5\nbtime 1795211000\n") == 1_795_211_000)
    let limits = "Limit   Soft Limit  Hard Limit  Units\nMax open files            1024                 4096    files\n"
    #expect(ProcessMetrics.openFilesLimit(of: limits) == 1_024)
    #expect(ProcessMetrics.openFilesLimit(of: "Max open files unlimited unlimited files") == nil)
  }

  #if os(Linux)
    @Test("This process is measured")
    func live() throws {
      let text = PrometheusMetrics().exposition()
      for name in ProcessMetrics.names where name != "process_max_fds" {
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " ") }, "\(name)")
        let value = try #require(Double(line.dropFirst(name.count + 1)))
        #expect(value > 0)
      }
      #expect(text.contains("# TYPE process_cpu_seconds_total counter\n"))
      #expect(text.contains("# TYPE process_start_time_seconds gauge\n"))
    }
  #endif
}
