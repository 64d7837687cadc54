extension Scenario {
  /// Whether two of three leaders are stopped, each at each of its writes. As many runs as all other places of all
  /// scenarios together: a simple rollback has all the writes that leaders can dispute.
  var isSweptInPairs: Bool { name == Self.badRelease("CrashLoop").name }

  /// The scenarios that are disturbed at each of their places.
  ///
  /// Not ``personRepairs`` and others in which somebody does something at a moment that the seed chooses: there the
  /// disturbance decides who is faster, and more than one end is right. A scenario is added when its undisturbed end is
  /// the only right one.
  public static var swept: [Scenario] {
    [
      badRelease("CrashLoop"), badRelease("ImagePull"), badRelease("OOMKilled"),
      badRelease("Unready", progressDeadline: 60), lastGood, knownBad, observe, selector, seenByMetrics,
    ]
  }
}
