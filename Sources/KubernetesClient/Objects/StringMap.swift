/// Labels or annotations: few pairs of texts, sorted by key, in one allocation.
///
/// A dictionary of the same content takes several times the memory, which counts with a hundred thousand cached
/// objects.
public struct StringMap: Sendable, Equatable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
  private var pairs: [Pair] = []

  private struct Pair: Sendable, Equatable {
    var key: String
    var value: String
  }

  public init() {}

  public init(_ dictionary: [String: String]) {
    self.init(pairs: dictionary.map { ($0.key, $0.value) })
  }

  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(pairs: elements)
  }

  /// Of pairs with the same key the last wins.
  init(pairs: [(String, String)]) {
    guard !pairs.isEmpty else { return }
    // Swift's sort is stable, so that the last of equal keys stays the last.
    let sorted = pairs.sorted { $0.0 < $1.0 }
    self.pairs.reserveCapacity(sorted.count)
    for (key, value) in sorted {
      if let last = self.pairs.indices.last, self.pairs[last].key == key {
        self.pairs[last].value = value
      } else {
        self.pairs.append(Pair(key: key, value: value))
      }
    }
  }

  public var startIndex: Int { pairs.startIndex }
  public var endIndex: Int { pairs.endIndex }
  /// The pair at a place in the order of keys.
  public subscript(position: Int) -> (key: String, value: String) { (pairs[position].key, pairs[position].value) }

  /// The value of a key; setting `nil` removes the pair.
  public subscript(key: String) -> String? {
    get {
      let place = place(of: key)
      return place < pairs.count && pairs[place].key == key ? pairs[place].value : nil
    }
    set {
      let place = place(of: key)
      let exists = place < pairs.count && pairs[place].key == key
      switch (exists, newValue) {
      case (true, let value?): pairs[place].value = value
      case (true, nil): pairs.remove(at: place)
      case (false, let value?): pairs.insert(Pair(key: key, value: value), at: place)
      case (false, nil): break
      }
    }
  }

  /// The same pairs as a dictionary.
  public var dictionary: [String: String] {
    Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// Whether every pair of the other is here too, as a selector's `matchLabels` asks.
  public func contains(_ other: StringMap) -> Bool {
    other.pairs.allSatisfy { self[$0.key] == $0.value }
  }

  /// The first place whose key is not smaller.
  private func place(of key: String) -> Int {
    var low = 0
    var high = pairs.count
    while low < high {
      let middle = low &+ (high &- low) / 2
      if pairs[middle].key < key { low = middle &+ 1 } else { high = middle }
    }
    return low
  }
}

extension StringMap {
  /// Reads an object of strings, or `null` as empty. The annotation in which kubectl keeps the last manifest is
  /// left out: it is as big as all the rest, and nothing here reads it.
  init(from cursor: inout JSONCursor) throws(JSONError) {
    self.init()
    guard try cursor.beginObjectIfPresent() else { return }
    var pairs: [(String, String)] = []
    while let key = try cursor.nextMember() {
      if key == "kubectl.kubernetes.io/last-applied-configuration" {
        try cursor.skip()
        continue
      }
      let name = key.sharedString
      pairs.append((name, try cursor.readSharedStringIfPresent() ?? ""))
    }
    self.init(pairs: pairs)
  }

  var json: JSONValue {
    .object(JSONObject(map { JSONObject.Member(key: $0.key, value: .string($0.value)) }))
  }
}
