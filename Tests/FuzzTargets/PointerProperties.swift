@testable import KubernetesClient

/// A pointer, a line feed and a document, in which the pointer reads, sets and removes.
enum PointerProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let end = bytes.firstIndex(of: 0x0a) ?? bytes.endIndex
    let text = String(decoding: bytes[..<end].prefix(256), as: UTF8.self)
    let pointer = JSONPointer(text)
    try require(JSONPointer(pointer.description) == pointer, "\(pointer.tokens) is not what \(pointer) says")
    try patches(pointer.description)
    guard let document = try? JSONValue(parsing: Array(bytes[end...].dropFirst())) else { return }
    let marker: JSONValue = ["set": true]
    var changed = document
    if changed.set(pointer, to: marker) {
      try require(changed.at(pointer) == marker, "\(pointer) of \(document) was set and is not there")
    } else {
      try require(changed == document, "\(pointer) was refused and changed \(document) to \(changed)")
    }
    var removed = document
    let isRemoved = removed.set(pointer, to: nil)
    if !isRemoved || document.at(pointer) == nil {
      try require(removed == document, "\(pointer) of \(document) was not there, and its removal left \(removed)")
    } else if let parent = document.at(JSONPointer(tokens: pointer.tokens.dropLast())), parent.object != nil,
      !pointer.tokens.isEmpty
    {
      try require(removed.at(pointer) == nil, "\(pointer) of \(document) was removed and is there")
    }
  }

  private static func patches(_ path: String) throws(Violation) {
    let operations: [JSONPatchOperation] = [
      .test(path: path, value: "a"), .add(path: path, value: [:]), .replace(path: path, value: nil),
      .remove(path: path), .move(from: path, path: path), .copy(from: path, path: path),
    ]
    let body = Patch.json(operations).body
    try require((try? JSONValue(parsing: body.serialized())) == body, "the patch is not what its text says: \(body)")
    let place = APIResource.deployments.path(namespace: path, name: path)
    let isPlain = place.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"?#\\".utf8.contains($0) }
    try require(isPlain && place.utf8.count { $0 == UInt8(ascii: "/") } == 7, "a name leaves its place in \(place)")
  }
}
