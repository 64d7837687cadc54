import KubernetesClient

/// `-w`: rows as they change, until the user interrupts it.
extension GetVerb {
  func watch(_ session: Session) async throws -> CommandStatus {
    guard !session.format.isDocument else {
      throw CommandFailure.error("-w prints rows; leave out -o \(session.format.rawValue), or use -o wide.")
    }
    switch subject {
    case .policies: await follow(PolicyItem.self, kind: "RollbackPolicy", session) { _ in true }
    case .events: await follow(EventItem.self, kind: "RollbackEvent", session) { _ in true }
    case .one(let reference):
      switch reference.kind {
      case .event: await follow(EventItem.self, kind: "RollbackEvent", session) { $0.name == reference.name }
      case .policy, nil: await follow(PolicyItem.self, kind: "RollbackPolicy", session) { $0.name == reference.name }
      case .deployment:
        await follow(EventItem.self, kind: "RollbackEvent", session) { $0.target == reference.name }
      }
    }
    return .done
  }

  private func follow<Item: ObjectTree & KubernetesObject>(
    _ type: Item.Type, kind: String, _ session: Session, _ isWanted: @escaping @Sendable (Item) -> Bool
  ) async {
    let rows = ChangedRows(
      kind: kind, isWide: session.format == .wide, showsNamespace: session.isAllNamespaces,
      printsNames: session.format == .name)
    await withTaskGroup { group in
      group.addTask { await session.client.watchLiveness.run() }
      var rows = rows
      await session.client.watcher(Item.self, namespace: session.scope).run { event in
        switch event {
        case .relisted(let decoded), .applied(let decoded):
          guard let item = decoded.object, isWanted(item) else { return }
          rows.show(item, session)
        case .deleted(let decoded):
          guard let item = decoded.object, isWanted(item) else { return }
          session.console.remark("\(kind) \(item.name) was deleted.")
          rows.forget(item)
        case .interrupted(let error):
          session.console.remark("The watch was interrupted and goes on by itself: \(error)")
        case .relistStarted, .relistDone, .bookmark:
          break
        }
      }
      group.cancelAll()
    }
  }
}

/// What has been printed, so that only what changed is printed again.
struct ChangedRows {
  private let kind: String
  private let columns: ColumnTable
  private let printsNames: Bool
  private var table: Table
  private var hasHeadings = false
  /// The last row of each object without its age, which changes by itself.
  private var shown: [String: [String]] = [:]

  init(kind: String, isWide: Bool, showsNamespace: Bool, printsNames: Bool) {
    self.kind = kind
    columns = ColumnTable(kind: kind, isWide: isWide, showsNamespace: showsNamespace)
    self.printsNames = printsNames
    table = Table(columns.headings)
  }

  mutating func show(_ item: some ObjectTree, _ session: Session) {
    let ageless = columns.row(item, at: item.created ?? session.now)
    guard shown.updateValue(ageless, forKey: item.uid) != ageless else { return }
    if printsNames { return session.console.line(GetVerb.resourceName(kind, item.name)) }
    table.add(columns.row(item, at: session.now))
    for line in table.takeLines(withHeadings: !hasHeadings, session.console) { session.console.line(line) }
    hasHeadings = true
  }

  mutating func forget(_ item: some ObjectTree) { shown[item.uid] = nil }
}
