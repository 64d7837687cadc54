/// How a ``Watcher`` lists, waits and gives up on silence.
public struct WatchOptions: Sendable, Equatable {
  /// Whether the initial list is asked for as part of the watch (`sendInitialEvents`), which spares the server from
  /// putting a whole list together.
  public enum StreamedLists: Sendable {
    /// From Kubernetes 1.34 on, unless the server refuses.
    case automatic
    case never
  }

  /// How a watch goes on after it broke.
  public enum AfterInterruption: Sendable {
    /// Where it was: cheap, but nothing says when all that was missed has been told.
    case resume
    /// With a list: for few objects of which it must be known that they are as they are now.
    case list
  }

  public var streamedLists: StreamedLists
  public var afterInterruption: AfterInterruption
  /// The most objects of one page of a list.
  public var pageSize: Int
  /// The server ends a watch after about this time, up to a quarter later, and it is resumed at once.
  public var watchDuration: Duration
  /// The longest silence of a watch whose server has been seen to send bookmarks (it does about once a minute).
  public var bookmarkPatience: Duration
  /// The longest silence while a streamed initial list is under way.
  public var initialListPatience: Duration
  /// The wait after the first failure; it doubles with each further one, with jitter.
  public var firstDelay: Duration
  public var maximumDelay: Duration
  /// The longest line of a watch, in bytes. An object is at most about 1.5 MiB in etcd.
  public var maximumLineLength: Int

  public init(
    streamedLists: StreamedLists = .automatic, afterInterruption: AfterInterruption = .resume, pageSize: Int = 500,
    watchDuration: Duration = .seconds(240), bookmarkPatience: Duration = .seconds(150),
    initialListPatience: Duration = .seconds(30), firstDelay: Duration = .milliseconds(250),
    maximumDelay: Duration = .seconds(15), maximumLineLength: Int = 8 << 20
  ) {
    self.streamedLists = streamedLists
    self.afterInterruption = afterInterruption
    self.pageSize = pageSize
    self.watchDuration = watchDuration
    self.bookmarkPatience = bookmarkPatience
    self.initialListPatience = initialListPatience
    self.firstDelay = firstDelay
    self.maximumDelay = maximumDelay
    self.maximumLineLength = maximumLineLength
  }
}

/// Which objects are watched.
struct WatchScope: Sendable {
  var resource: APIResource
  var namespace: String?
  var labelSelector: String?
  var fieldSelector: String?
}
