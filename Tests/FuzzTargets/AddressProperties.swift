import KubernetesClient
import RollbackOperator

/// Any text as the address of a server, as one to listen at, and as one that a policy's requests go to.
enum AddressProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let address = ServerAddress(text) {
      try require(ServerAddress(address.description) == address, "\(text) is written as \(address)")
      try Text.requireOneLine(address.description, longest: text.utf8.count + 20)
      try require(!address.host.contains("/") && !address.host.contains("@"), "the host is \(address.host)")
    }
    if let address = ListenAddress(text) {
      try require(ListenAddress(address.description) == address, "\(text) is written as \(address)")
      try Text.requireOneLine(address.description, longest: text.utf8.count + 20)
    }
    try outbound(text)
    if let pattern = EgressPattern(text) {
      try require(EgressPattern(pattern.description) == pattern, "\(text) is written as \(pattern)")
    }
  }

  /// A URL that passes is written so that it is read as the same again, and says nothing that it does not hold.
  private static func outbound(_ text: String) throws(Violation) {
    guard let url = try? OutboundURL(text) else { return }
    let whole = "\(url)\(url.pathAndQuery)"
    try require((try? OutboundURL(whole)) == url, "\(text) is written as \(whole)")
    try Text.requireOneLine(whole, longest: text.utf8.count + 20)
    try require(!"\(url.host)".contains { "@/?#\\% ".contains($0) }, "the host is \(url.host)")
  }
}
