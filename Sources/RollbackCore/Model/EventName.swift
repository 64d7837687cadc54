/// The name of a RollbackEvent as a function of what it is about, so that two operators, or one that crashed, can only
/// ever create the same object (R1).
public enum EventName {
  /// The name of the one rollback away from a template: `<target>-<pod-template-hash>-<short hash>`.
  ///
  /// - Parameter attempt: how many times the template has been forgiven.
  public static func rollback(
    policyUID: String, targetUID: String, target: String, suspectHash: String, attempt: Int
  ) -> String {
    name(target, suspectHash, fingerprint: [policyUID, targetUID, suspectHash, String(attempt)])
  }

  /// The name of the report that a template known to be bad was deployed again as `revision`; such an event never acts.
  public static func knownBad(
    policyUID: String, targetUID: String, target: String, suspectHash: String, attempt: Int, revision: Int64
  ) -> String {
    name(
      target, suspectHash,
      fingerprint: [policyUID, targetUID, suspectHash, String(attempt), Trigger.knownBad, String(revision)])
  }

  /// The name for a breach that no rollout is to blame for; its number takes the place of the template hash.
  public static func incident(policyUID: String, targetUID: String, target: String, number: Int64) -> String {
    name(target, String(number), fingerprint: [policyUID, targetUID, "incident", String(number)])
  }

  /// The name for another breach of a template whose first event ended without anything changed.
  public static func again(
    policyUID: String, targetUID: String, target: String, suspectHash: String, attempt: Int, revision: Int64,
    mode: PolicySpec.Mode
  ) -> String {
    name(
      target, suspectHash,
      fingerprint: [policyUID, targetUID, suspectHash, String(attempt), mode.rawValue, String(revision)])
  }

  private static func name(_ target: String, _ hash: String, fingerprint: [String]) -> String {
    let tail = "-\(hash.prefix(20))-\(shortHash(fingerprint))"
    let head = target.prefix(253 - tail.utf8.count)
    return head + tail
  }

  /// Five characters of FNV-1a 64 over the parts, in the alphabet that Kubernetes uses for template hashes
  /// (`k8s.io/apimachinery/pkg/util/rand`: no vowels, so no words; no digits that look like letters).
  private static func shortHash(_ parts: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      // A separator, so that ("ab", "c") and ("a", "bc") differ.
      hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
    }
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    var text = ""
    for _ in 0..<5 {
      text.append(alphabet[Int(hash % UInt64(alphabet.count))])
      hash /= UInt64(alphabet.count)
    }
    return text
  }
}
