public import KubernetesClient

/// What a ``Store`` holds: objects in slots of one array, their names, and the indexes as sets of slots.
///
/// A value, so that the content of a re-list is built aside and swapped in whole.
struct StoreContent<Object: KubernetesObject>: Sendable {
  private struct Index: Sendable {
    var definition: StoreIndex<Object>
    var slots: [String: SlotSet] = [:]
  }

  private var slots: [Object?] = []
  private var freeSlots: [UInt32] = []
  private var slotByName: [NamespacedName: UInt32] = [:]
  private var indexes: [Index]

  /// Objects whose bytes could not be decoded, with as much of their metadata as could.
  private(set) var undecodable: [NamespacedName: UndecodableObject] = [:]

  init(indexes: [StoreIndex<Object>]) {
    self.indexes = indexes.map { Index(definition: $0) }
  }

  /// Decoded objects.
  var count: Int { slotByName.count }

  var names: some Collection<NamespacedName> { slotByName.keys }

  subscript(name: NamespacedName) -> Object? {
    slotByName[name].flatMap { slots[Int($0)] }
  }

  // MARK: Reading

  var objects: some Sequence<Object> { slots.lazy.compactMap { $0 } }

  func objects(index name: String, value: String) -> [Object] {
    guard let found = indexes.first(where: { $0.definition.name == name })?.slots[value] else { return [] }
    return found.elements.compactMap { slots[Int($0)] }
  }

  /// The values of an index that at least one object has.
  func values(ofIndex name: String) -> [String] {
    indexes.first { $0.definition.name == name }.map { Array($0.slots.keys) } ?? []
  }

  // MARK: Writing

  /// Puts the object in, in place of one of the same name.
  ///
  /// - Returns: the one that was there.
  @discardableResult
  mutating func insert(_ object: Object) -> Object? {
    let name = object.name
    if !undecodable.isEmpty { undecodable[name] = nil }
    if let slot = slotByName[name] {
      let old = slots[Int(slot)]
      slots[Int(slot)] = object
      reindex(slot, from: old, to: object)
      return old
    }
    let slot: UInt32
    if let free = freeSlots.popLast() {
      slot = free
      slots[Int(slot)] = object
    } else {
      slot = UInt32(clamping: slots.count)
      slots.append(object)
    }
    slotByName[name] = slot
    reindex(slot, from: nil, to: object)
    return nil
  }

  /// Notes an object that could not be decoded; a decoded one of the same name is no longer true and goes.
  mutating func insert(_ object: UndecodableObject) {
    removeObject(object.metadata.namespacedName)
    undecodable[object.metadata.namespacedName] = object
  }

  @discardableResult
  mutating func removeObject(_ name: NamespacedName) -> Object? {
    guard let slot = slotByName.removeValue(forKey: name) else { return nil }
    let old = slots[Int(slot)]
    slots[Int(slot)] = nil
    freeSlots.append(slot)
    reindex(slot, from: old, to: nil)
    if slotByName.isEmpty { (slots, freeSlots) = ([], []) }
    return old
  }

  @discardableResult
  mutating func removeUndecodable(_ name: NamespacedName) -> UndecodableObject? {
    undecodable.isEmpty ? nil : undecodable.removeValue(forKey: name)
  }

  mutating func reserve(_ count: Int) {
    slots.reserveCapacity(count)
    slotByName.reserveCapacity(count)
  }

  private mutating func reindex(_ slot: UInt32, from old: Object?, to new: Object?) {
    for position in indexes.indices {
      let oldValues = old.map(indexes[position].definition.values) ?? []
      let newValues = new.map(indexes[position].definition.values) ?? []
      guard oldValues != newValues else { continue }
      for value in oldValues {
        indexes[position].slots[value] = indexes[position].slots[value]?.removing(slot)
      }
      for value in newValues {
        indexes[position].slots[value, default: .one(slot)].insert(slot)
      }
    }
  }
}

extension KubernetesObject {
  var name: NamespacedName { metadata.namespacedName }
}

extension ObjectMeta {
  /// Namespace and name.
  public var namespacedName: NamespacedName { NamespacedName(namespace: namespace, name: name) }
}
