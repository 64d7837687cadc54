public import FoundationEssentials

/// The validity of the client certificate in use.
public struct CertificateExpiry: Sendable, Equatable {
  /// The certificate's subject, such as `CN=rollback-operator`.
  public var subject: String
  public var notBefore: Date
  public var notAfter: Date
  /// The file or field it was read from.
  public var origin: String

  public init(subject: String, notBefore: Date, notAfter: Date, origin: String) {
    self.subject = subject
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.origin = origin
  }

  /// The part of the whole lifetime that is left at `now`, from 1 (new) to 0 (expired).
  public func lifetimeLeft(at now: Date) -> Double {
    let whole = notAfter.timeIntervalSince(notBefore)
    guard whole > 0 else { return 0 }
    return min(max(notAfter.timeIntervalSince(now) / whole, 0), 1)
  }

  /// What is wrong with the certificate at `now`, as a sentence with the remedy; `nil` while it is valid.
  public func problem(at now: Date) -> String? {
    let remedy =
      "; put a renewed certificate and its key into place (they are taken up without a restart), or set this machine's "
      + "clock, which says \(now.formatted(.iso8601))"
    if now > notAfter {
      return "the client certificate of \(origin) (\(subject)) expired at \(notAfter.formatted(.iso8601))\(remedy)"
    }
    if now < notBefore {
      return
        "the client certificate of \(origin) (\(subject)) is not valid before \(notBefore.formatted(.iso8601))\(remedy)"
    }
    return nil
  }
}
