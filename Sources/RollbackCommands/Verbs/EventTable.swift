import FoundationEssentials
import KubernetesClient

/// Objects as the printer columns of their CustomResourceDefinition show them.
struct ColumnTable {
  var columns: [ResourceDefinition.Column]
  var showsNamespace: Bool

  init(kind: String, isWide: Bool, showsNamespace: Bool) {
    columns = (ResourceDefinition.all[kind]?.columns ?? []).filter { isWide || !$0.isWide }
    self.showsNamespace = showsNamespace
  }

  var headings: [String] { (showsNamespace ? ["NAMESPACE"] : []) + ["NAME"] + columns.map(\.name) }

  func row(_ object: some ObjectTree, at now: Date) -> [String] {
    (showsNamespace ? [object.namespace] : []) + [object.name]
      + columns.map { column in
        let value = ColumnPath.value(at: column.path, in: object.value)?.displayed ?? ""
        guard column.type == "date" else { return value }
        return Age.text(since: Timestamp.date(value), at: now)
      }
  }
}

/// RollbackEvents as a table.
enum EventTable {
  static func print(_ events: some Sequence<EventItem>, _ session: Session, ifNone text: String) {
    let all = Array(events)
    guard !all.isEmpty else { return session.console.line(text) }
    let table = ColumnTable(
      kind: "RollbackEvent", isWide: session.format == .wide, showsNamespace: session.isAllNamespaces)
    Table.print(table.headings, all.map { table.row($0, at: session.now) }, to: session.console)
  }
}
