import FoundationEssentials
import Glibc
import LocalCluster
import Subprocess
import Testing

@Suite("The owner of a cluster in the background", .serialized, .timeLimit(.minutes(10)))
struct OwnerTests {
  let folder: String
  let program: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/local-cluster-test-\(UInt32.random(in: 0 ... .max))"
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    program = tests.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/local-cluster"
    try #require(FileManager.default.isExecutableFile(atPath: program), "\(program) is not built")
  }

  func command(_ arguments: String...) async throws -> Bool {
    let result = try await run(
      .name("env"), arguments: .init([program] + arguments), output: .discarded, error: .discarded)
    return result.terminationStatus.isSuccess
  }

  /// The numbers of the servers' processes.
  func servers() throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: folder + "/processes").compactMap { name in
      let text = FileManager.default.contents(atPath: "\(folder)/processes/\(name)")
      return text.flatMap { pid_t(String(decoding: $0, as: UTF8.self).filter(\.isNumber)) }
    }
  }

  func isRunning(_ processID: pid_t) -> Bool {
    guard let status = FileManager.default.contents(atPath: "/proc/\(processID)/stat") else { return false }
    // The state follows the name, which is in parentheses. A zombie runs no more.
    let text = String(decoding: status, as: UTF8.self)
    return text.split(separator: ")").last?.hasPrefix(" Z") == false
  }

  func waitForEnd(of processes: [pid_t]) async throws -> Bool {
    for _ in 0..<2_400 {
      if !processes.contains(where: isRunning) { return true }
      try await Task.sleep(for: .milliseconds(25))
    }
    return false
  }

  /// The lock is free when the last process that shared it is gone, which none of the servers need be.
  func waitForStop(of background: BackgroundCluster) async throws -> Bool {
    for _ in 0..<2_400 {
      if background.status == .stopped { return true }
      try await Task.sleep(for: .milliseconds(25))
    }
    return false
  }

  @Test("Up and down may be called again and again, and leave nothing running")
  func upAndDown() async throws {
    let background = BackgroundCluster(folder: folder)
    #expect(background.status == .stopped)
    #expect(try await command("down", "--directory", folder))
    #expect(try await command("up", "--directory", folder))
    let processes = try servers()
    #expect(processes.count >= 3)
    guard case .ready = background.status else {
      Issue.record("the cluster is \(background.status)")
      return
    }
    #expect(try await command("up", "--directory", folder))
    #expect(try servers() == processes)
    #expect(try await command("down", "--directory", folder))
    #expect(background.status == .stopped)
    #expect(try await waitForEnd(of: processes))
    try removeFolder()
  }

  @Test("A killed owner leaves nothing running, and the folder can be used again")
  func killedOwner() async throws {
    #expect(try await command("up", "--directory", folder))
    let background = BackgroundCluster(folder: folder)
    let processes = try servers()
    guard case .ready(let owner) = background.status else {
      Issue.record("the cluster is \(background.status)")
      return
    }
    kill(owner, SIGKILL)
    #expect(try await waitForEnd(of: [owner] + processes))
    #expect(try await waitForStop(of: background))
    #expect(try await command("up", "--directory", folder))
    #expect(try await command("down", "--directory", folder))
    try removeFolder()
  }

  @Test("A folder with other things in it is refused and left alone")
  func foreignFolder() async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(FileManager.default.createFile(atPath: folder + "/precious", contents: nil))
    #expect(try await !command("up", "--foreground", "--directory", folder))
    #expect(FileManager.default.fileExists(atPath: folder + "/precious"))
    try removeFolder()
  }

  func removeFolder() throws {
    try FileManager.default.removeItem(atPath: folder)
    try? FileManager.default.removeItem(atPath: folder + ".log")
  }
}
