import KubernetesClient
import RollbackOperator

/// Any text as the address of a server, and as one to listen at.
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
  }
}
