import FoundationEssentials

/// Ages and moments as kubectl writes them.
enum Age {
  /// The time since `date`: `45s`, `12m`, `3h20m`, `2d`; `<unknown>` without one.
  static func text(since date: Date?, at now: Date) -> String {
    guard let date else { return "<unknown>" }
    return text(seconds: now.timeIntervalSince(date))
  }

  /// A length of time, coarser the longer it is.
  static func text(seconds: TimeInterval) -> String {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return "<unknown>" }
    let whole = Int(max(0, seconds))
    let (minutes, hours, days) = (whole / 60, whole / 3_600, whole / 86_400)
    if whole < 120 { return "\(whole)s" }
    if minutes < 10 { return whole % 60 == 0 ? "\(minutes)m" : "\(minutes)m\(whole % 60)s" }
    if minutes < 180 { return "\(minutes)m" }
    if hours < 8 { return minutes % 60 == 0 ? "\(hours)h" : "\(hours)h\(minutes % 60)m" }
    if hours < 48 { return "\(hours)h" }
    if days < 8 { return hours % 24 == 0 ? "\(days)d" : "\(days)d\(hours % 24)h" }
    return days < 730 ? "\(days)d" : "\(days / 365)y"
  }

  /// `in 5m` or `5m ago`.
  static func relative(_ date: Date, to now: Date) -> String {
    date > now
      ? "in \(text(seconds: date.timeIntervalSince(now)))" : "\(text(seconds: now.timeIntervalSince(date))) ago"
  }
}
