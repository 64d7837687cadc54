/// The members of a JSON object in their order.
///
/// Keys are unique and compared byte by byte. Looking a key up goes through the members one by one: meant for
/// manifests, not as a dictionary.
public struct JSONObject: Sendable, Equatable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
  /// One member.
  public struct Member: Sendable, Equatable {
    public let key: String
    public var value: JSONValue

    public init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }

    public static func == (first: Member, second: Member) -> Bool {
      JSONString.isSame(first.key, second.key) && first.value == second.value
    }
  }

  private var members: [Member] = []

  public init() {}

  /// Of members with the same key the last value wins, in the place of the first.
  public init(_ members: some Sequence<Member>) {
    self.members = Array(members)
    removeDuplicates()
  }

  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements.map { Member(key: $0.0, value: $0.1) })
  }

  public var startIndex: Int { members.startIndex }
  public var endIndex: Int { members.endIndex }
  /// The member at a place in the order.
  public subscript(position: Int) -> Member { members[position] }

  /// The keys in their order.
  public var keys: [String] { members.map(\.key) }

  /// The value of a key. Setting `nil` removes the member; a new key goes to the end.
  public subscript(key: String) -> JSONValue? {
    get {
      index(of: key).map { members[$0].value }
    }
    set {
      switch (index(of: key), newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }

  private func index(of key: String) -> Int? {
    members.firstIndex { JSONString.isSame($0.key, key) }
  }

  /// Comparing each with each is fastest for the usual few members, and hopeless for a hostile many.
  private mutating func removeDuplicates() {
    if members.count <= 16, !hasDuplicateAmongFew() { return }
    var places: [ExactKey: Int] = [:]
    var unique: [Member] = []
    for member in members {
      let key = ExactKey(text: member.key)
      if let place = places[key] {
        unique[place].value = member.value
      } else {
        places[key] = unique.count
        unique.append(member)
      }
    }
    members = unique
  }

  private func hasDuplicateAmongFew() -> Bool {
    members.indices.contains { place in
      members[..<place].contains { JSONString.isSame($0.key, members[place].key) }
    }
  }
}

/// A key that is equal to another only if their bytes are.
struct ExactKey: Hashable {
  var text: String

  static func == (first: ExactKey, second: ExactKey) -> Bool { JSONString.isSame(first.text, second.text) }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
