/// A day of the proleptic Gregorian calendar.
struct CivilDay: Hashable {
  var month: Int
  var day: Int
  /// 0 is Sunday.
  var weekday: Int

  /// The day that many days after 1970-01-01, by H. Hinnant's `civil_from_days`
  /// (howardhinnant.github.io/date_algorithms.html).
  init(daysSinceEpoch days: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // Years that begin in March.
    let index = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * index + 2) / 5 + 1
    month = index < 10 ? index + 3 : index - 9
    // 1970-01-01 was a Thursday.
    weekday = ((days + 4) % 7 + 7) % 7
  }
}
