public import KubernetesClient

/// What tells two pod templates apart, and the label made from it.
///
/// Not the real controller's hash, which nobody can rely on between versions either: the same for templates that mean
/// the same, whatever the order of their members, and of 64 bits, so that two templates never share one.
public enum TemplateHash {
  public static let label = "pod-template-hash"

  /// The fingerprint of a pod template, without the hash label that the controller adds.
  public static func fingerprint(_ template: JSONValue) -> UInt64 {
    var bare = template
    if bare["metadata"]?["labels"]?[label] != nil {
      bare.set(JSONPointer(tokens: ["metadata", "labels", label]), to: nil)
    }
    return hash(bare)
  }

  /// The label of a template; another one for each collision that was met.
  public static func text(_ fingerprint: UInt64, collisionCount: Int = 0) -> String {
    var rest = mix(fingerprint &+ UInt64(truncatingIfNeeded: collisionCount) &* 0x9E37_79B9_7F4A_7C15)
    var text = ""
    for _ in 0..<10 {
      text.unicodeScalars.append(alphabet[Int(truncatingIfNeeded: rest % UInt64(alphabet.count))])
      rest /= UInt64(alphabet.count)
    }
    return text
  }

  /// Without vowels and look-alikes, as Kubernetes makes names that spell nothing.
  static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".unicodeScalars)

  private static func hash(_ value: JSONValue) -> UInt64 {
    switch value {
    case .null: return 1
    case .bool(let value): return value ? 2 : 3
    case .number(let number): return mix(hash(number.text) ^ 4)
    case .string(let text): return mix(hash(text) ^ 5)
    case .array(let elements):
      return elements.reduce(6) { mix($0 &* 31 &+ hash($1)) }
    case .object(let members):
      // A sum, since the order of members means nothing.
      var sum: UInt64 = 7
      for member in members where !isAbsent(member) {
        sum = sum &+ mix(hash(member.key) &* 3 ^ hash(member.value))
      }
      return mix(sum)
    }
  }

  /// What the API server does not keep apart from nothing at all.
  private static func isAbsent(_ member: JSONObject.Member) -> Bool {
    switch member.value {
    case .null: true
    case .object(let members): members.isEmpty && (member.key == "annotations" || member.key == "labels")
    default: false
    }
  }

  private static func hash(_ text: String) -> UInt64 {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return value
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
