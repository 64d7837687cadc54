/// The order of arguments on the command line.
package enum ArgumentOrder {
  /// Flags of kubectl that are followed by a value.
  private static let valued: Set = [
    "-n", "--namespace", "--context", "--kubeconfig", "-o", "--output", "--as", "--as-group", "--operator-namespace",
  ]

  /// Flags before the subcommand, as in `kubectl rollback -n shop get`, are put behind all others.
  ///
  /// - Parameter names: the subcommands.
  package static func subcommandFirst(_ arguments: [String], names: [String]) -> [String] {
    var leading = 0
    while leading < arguments.count, arguments[leading].hasPrefix("-") {
      guard arguments[leading] != "--", arguments[leading] != "-h", arguments[leading] != "--help" else {
        return arguments
      }
      leading += valued.contains(arguments[leading]) ? 2 : 1
    }
    guard leading > 0, leading < arguments.count, names.contains(arguments[leading]) else { return arguments }
    return Array(arguments[leading...]) + arguments[..<leading]
  }
}
