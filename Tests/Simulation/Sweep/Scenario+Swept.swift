extension Scenario {
  /// Whether the undisturbed end is the only right one.
  ///
  /// Not when a person does something at a moment that the seed chooses: then the disturbance decides who is faster,
  /// and more than one end is right.
  var isSwept: Bool { name != Self.personRepairs.name }

  /// Whether two of three leaders are stopped, each at each of its writes. As many runs as all other places of all
  /// scenarios together: a simple rollback has all the writes that leaders can dispute.
  var isSweptInPairs: Bool { name == Self.badRelease("CrashLoop").name }

  /// Every scenario that is disturbed at each of its places.
  public static var swept: [Scenario] { all.filter(\.isSwept) }
}
