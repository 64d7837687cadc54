/// A value made from files that are replaced while the program runs.
///
/// What cannot be read or does not fit together is never taken: the last good value stays until the files are whole
/// again.
struct RotatingValue<Value: Sendable>: Sendable {
  /// What a refresh did.
  enum Outcome {
    case unchanged
    case changed
    /// The last good value stays, if there is one; `isNews` is false while the same complaint goes on.
    case rejected(CredentialError, isNews: Bool)
  }

  let sources: [SecretSource]
  private(set) var value: Value?
  /// The contents from which `value` was made.
  private var contents: [[UInt8]]?
  private(set) var failure: CredentialError?

  init(sources: [SecretSource]) {
    self.sources = sources
  }

  /// Reads the files and takes what is new in them.
  ///
  /// - Parameter make: makes the value, or throws to reject it. It is given the value in use.
  mutating func refresh(
    _ make: ([[UInt8]], Value?) throws(CredentialError) -> Value
  ) -> Outcome {
    do throws(CredentialError) {
      // Two files are not replaced in one instant. A pair that does not fit is read once more before it is complained
      // about.
      var read = try readAll()
      guard read != contents else {
        failure = nil
        return .unchanged
      }
      let made: Value
      do throws(CredentialError) {
        made = try make(read, value)
      } catch {
        let again = try readAll()
        guard again != read else { throw error }
        read = again
        made = try make(read, value)
      }
      value = made
      contents = read
      failure = nil
      return .changed
    } catch {
      let isNews = failure != error
      failure = error
      return .rejected(error, isNews: isNews)
    }
  }

  private func readAll() throws(CredentialError) -> [[UInt8]] {
    var contents: [[UInt8]] = []
    for source in sources {
      switch source {
      case .inline(let bytes, _): contents.append(bytes)
      case .file(let path):
        do {
          contents.append(try SmallFile.read(path))
        } catch {
          throw CredentialError("\(path): \(error); check the path, its permissions and the mounted volume")
        }
      }
    }
    return contents
  }
}
