public import FoundationEssentials

extension CronSchedule {
  /// What is not due within so many days never is.
  private static let horizon = 366 * 8

  /// The first moment after `date` that the timetable names.
  ///
  /// A time that a zone leaves out when its clocks go forward is left out, and one that it has twice when they go back
  /// counts once, the first time, as Kubernetes' CronJobs have it.
  ///
  /// - Returns: `nil` when it names none within eight years.
  public func next(after date: Date, in zone: TimeZone) -> Date? {
    let seconds = date.timeIntervalSince1970
    guard seconds.magnitude < 1e11 else { return nil }
    let local = Int(seconds.rounded(.down)) + zone.secondsFromGMT(for: date)
    let today = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let (hours, minutes) = (hours.sorted(), minutes.sorted())
    for day in today...(today + Self.horizon) where includes(CivilDay(daysSinceEpoch: day)) {
      for hour in hours {
        for minute in minutes {
          let moment = Self.moment(ofLocal: day * 86_400 + hour * 3_600 + minute * 60, in: zone)
          if let moment, moment > date { return moment }
        }
      }
    }
    return nil
  }

  /// - Parameter local: seconds since 1970 on the clocks of the zone.
  private static func moment(ofLocal local: Int, in zone: TimeZone) -> Date? {
    func offset(_ seconds: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))) }
    // The larger offset is the earlier moment.
    for candidate in Set([offset(local - 86_400), offset(local + 86_400)]).sorted(by: >)
    where offset(local - candidate) == candidate {
      return Date(timeIntervalSince1970: Double(local - candidate))
    }
    return nil
  }
}
