/// What went wrong with a local cluster, as a sentence for the person who started it.
public struct ClusterError: Error, Sendable, CustomStringConvertible {
  /// What to switch on.
  public enum Code: String, Sendable {
    /// Binaries are missing or cannot be used.
    case binaries
    /// A file or folder could not be read, written or locked.
    case files
    /// A process could not be started, died, or did not become ready in time.
    case process
    /// A port that had been chosen was taken by another program before the server could listen on it.
    case portTaken
    /// The API server refused what the cluster needs from it.
    case server
    /// What was asked for cannot be done with these binaries.
    case unsupported
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
