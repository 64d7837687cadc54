import FoundationEssentials
import Testing

@testable import LocalCluster

/// What a running operator holds: by its own metrics, and by what the kernel says of its process.
struct OperatorReading: Sendable, CustomStringConvertible {
  /// By series, as `rollback_store_objects{resource="pods"}`.
  var metrics: [String: Double]
  var descriptors: Int
  var connections: Int
  var threads: Int
  /// In KiB.
  var resident: Int

  init(of instance: OperatorInstance) async throws {
    let port = try #require(Self.port(in: instance.log), "the operator did not say where it listens")
    let page = try #require(await LoopbackHTTP.send("GET", port: port, path: "/metrics"), "no answer at /metrics")
    metrics = [:]
    for line in String(decoding: page, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " ") else { continue }
      metrics[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
    let process = "/proc/\(instance.processID)"
    let links = FileSystem.entries(of: "\(process)/fd").compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(process)/fd/\($0)")
    }
    descriptors = links.count
    // Foundation takes the first page of this long table for all of it.
    let table = try await Tool.run("cat", ["\(process)/net/tcp"]).output
    connections = Self.established(of: Set(links), in: table)
    threads = FileSystem.entries(of: "\(process)/task").count
    resident = Self.resident(in: try FileSystem.read("\(process)/status"))
  }

  /// The sum of the series of a metric, with one of these values of a label where given.
  func total(_ name: String, _ label: String = "") -> Double {
    metrics.filter { $0.key == name || ($0.key.hasPrefix("\(name){") && $0.key.contains(label)) }
      .values.reduce(0, +)
  }

  var description: String {
    let own = metrics.filter { $0.key.hasPrefix("rollback_store_objects") || $0.key.hasPrefix("workqueue_depth") }
    let values = own.sorted { $0.key < $1.key }.map { "\($0.key)=\(Int($0.value))" }.joined(separator: " ")
    return "\(resident) KiB, \(descriptors) descriptors, \(connections) connections, \(threads) threads, \(values)"
  }

  private static func port(in log: String) -> Int? {
    guard let line = log.split(separator: "\n").last(where: { $0.contains("Listening") }),
      let start = line.firstRange(of: "127.0.0.1:")
    else { return nil }
    return Int(line[start.upperBound...].prefix { $0.isNumber })
  }

  /// Connections in state ESTABLISHED (01) whose socket is among the process's descriptors.
  private static func established(of links: Set<String>, in table: String) -> Int {
    table.split(separator: "\n").dropFirst().count { line in
      let fields = line.split(separator: " ")
      return fields.count > 9 && fields[3] == "01" && links.contains("socket:[\(fields[9])]")
    }
  }

  private static func resident(in status: String) -> Int {
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { Int($0.split(whereSeparator: { !$0.isNumber }).first ?? "") } ?? 0
  }
}
