import FoundationEssentials
import Testing

/// Builds the image with whatever builder this machine has, if it also has the base image. `IMAGE_BUILD_ARGUMENTS` is
/// added to the builder's arguments, for a machine that needs a mirror or mounts.
@Suite("The Dockerfile builds the operator's image", .timeLimitOfQueue)
struct ImageTests {
  static let base = "docker.io/library/swift:6.3-bookworm"
  static let builders = ["docker", "podman", "buildah"].filter(Tool.isInstalled)

  @Test(
    "One static binary, a user that is not root, no shell",
    .enabled(if: !builders.isEmpty, "docker, podman or buildah is needed"))
  func builds() async throws {
    var found: String?
    for candidate in Self.builders where found == nil {
      if try await Tool.run(candidate, ["inspect", Self.base]).succeeded { found = candidate }
    }
    guard let builder = found else {
      try Test.cancel("\(Self.builders.joined(separator: " and ")) has no image \(Self.base)")
    }
    let extra = (ProcessInfo.processInfo.environment["IMAGE_BUILD_ARGUMENTS"] ?? "").split(separator: " ").map(
      String.init)
    let own =
      builder == "docker"
      ? [] : ["--ignorefile", "\(Tool.checkout)/Dockerfile.dockerignore", "--build-arg", "PREBUILD=false"]
    let tag = "localhost/rollback-operator:test"
    let built = try await Tool.run(
      builder, ["build", "-t", tag, "-f", "\(Tool.checkout)/Dockerfile"] + own + extra + [Tool.checkout])
    try #require(built.succeeded, "\(built.error)")
    let description = try await Tool.run(builder, ["inspect", tag]).output
    #expect(description.contains("65532:65532"))
    #expect(description.contains("/usr/local/bin/rollback-operator"))
  }
}
