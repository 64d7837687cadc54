/// Credentials that cannot be had or used, in a sentence that names the file, the cause and the remedy.
public struct CredentialError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String

  public init(_ message: String) {
    self.message = message
  }

  public var description: String { message }
}
