import Logging

/// Lists all objects of one kind and then follows their changes for as long as its task lives.
///
/// It never ends by itself and never dies of one object: an object that cannot be read is told as such, everything else
/// is retried with growing delays. What to do next is decided by ``WatchMachine``; this only does it.
public struct Watcher<Object: KubernetesObject>: Sendable {
  let client: KubernetesClient
  let scope: WatchScope
  let options: WatchOptions

  /// Tells events one after the other; the next one is read when `handle` has returned.
  ///
  /// Returns only when the task is cancelled, within milliseconds unless `handle` takes longer.
  public func run(_ handle: (WatcherEvent<Object>) async -> Void) async {
    var machine = WatchMachine(options: options, subject: subject)
    var page: [Decoded<Object>] = []
    var step = await resume(&machine)
    while !Task.isCancelled {
      for emission in step.emissions {
        await tell(emission, page, handle)
        if Task.isCancelled { return }
      }
      page = []
      switch step.operation {
      case .wait(let duration):
        do { try await clock.sleep(for: duration) } catch { return }
        step = await resume(&machine)
      case .list(let request):
        (step, page) = await list(request, &machine)
      case .watch(let request):
        guard let next = await watch(request, &machine, handle) else { return }
        step = next
      }
    }
  }

  private var executor: RequestExecutor { client.executor }
  private var clock: any RuntimeClock { executor.clock }
  private var jitter: Double { clock.random(in: 0...1) }

  private var subject: String {
    scope.resource.plural
      + (scope.resource.isNamespaced ? scope.namespace.map { " in namespace \($0)" } ?? " in all namespaces" : "")
  }

  private func tell(
    _ emission: WatchMachine.Emission, _ page: [Decoded<Object>], _ handle: (WatcherEvent<Object>) async -> Void
  ) async {
    switch emission {
    case .relistStarted: await handle(.relistStarted)
    case .page: for object in page where !Task.isCancelled { await handle(.relisted(object)) }
    case .relistDone(let resourceVersion): await handle(.relistDone(resourceVersion: resourceVersion))
    case .interrupted(let error): await handle(.interrupted(error))
    }
  }

  // MARK: List

  private func resume(_ machine: inout WatchMachine) async -> WatchMachine.Step {
    if machine.state == .idle || machine.state == .backingOff(.list) {
      machine.usesStreamedLists = await areListsStreamed
    }
    return machine.resume(jitter: jitter)
  }

  private var areListsStreamed: Bool {
    get async {
      guard options.streamedLists == .automatic, !client.streamedLists.isRefused(scope.resource) else { return false }
      let version = try? await client.discovery.serverVersion(isRetried: false)
      return version.map { $0 >= ServerVersion(major: 1, minor: 34) } ?? false
    }
  }

  private func list(
    _ request: WatchMachine.ListRequest, _ machine: inout WatchMachine
  ) async -> (WatchMachine.Step, [Decoded<Object>]) {
    let call = client.listCall(
      scope.resource, namespace: scope.namespace,
      options: ListOptions(
        labelSelector: scope.labelSelector, fieldSelector: scope.fieldSelector, limit: options.pageSize,
        continueToken: request.continueToken, resourceVersion: request.notOlderThan,
        resourceVersionMatch: request.notOlderThan == nil ? nil : .notOlderThan),
      metadataOnly: Object.wantsMetadataOnly)
    do throws(KubernetesError) {
      let page: ObjectList<Object> = try KubernetesClient.decodePage(try await executor.performOnce(call), call)
      let step = machine.pageReceived(
        resourceVersion: page.resourceVersion, continueToken: page.continueToken, jitter: jitter)
      return (step, page.items)
    } catch {
      return (machine.pageFailed(error, jitter: jitter), [])
    }
  }

  // MARK: Watch

  /// Runs one watch to its end.
  ///
  /// - Returns: what to do next; `nil` when the task was cancelled.
  private func watch(
    _ request: WatchMachine.WatchRequest, _ machine: inout WatchMachine,
    _ handle: (WatcherEvent<Object>) async -> Void
  ) async -> WatchMachine.Step? {
    let stream = WatchStream(
      executor: executor, liveness: client.watchLiveness, call: call(request), idleTimeout: request.idleTimeout)
    defer { stream.close() }
    let wasStreamed = machine.usesStreamedLists
    let step = await withTaskGroup(of: Void.self) { group in
      group.addTask { await stream.read() }
      if request.sendsInitialEvents {
        group.addTask { [patience = options.initialListPatience] in await stream.noticeSilence(longerThan: patience) }
      }
      let step = await consume(stream, &machine, handle)
      stream.close()
      group.cancelAll()
      return step
    }
    if wasStreamed, !machine.usesStreamedLists { client.streamedLists.refuse(scope.resource) }
    return step
  }

  private func call(_ request: WatchMachine.WatchRequest) -> APICall {
    var query = Query()
    query.add("watch", "true")
    query.add("allowWatchBookmarks", "true")
    query.add("labelSelector", scope.labelSelector)
    query.add("fieldSelector", scope.fieldSelector)
    query.add("resourceVersion", request.resourceVersion)
    if request.sendsInitialEvents {
      query.add("sendInitialEvents", "true")
      query.add("resourceVersionMatch", ListOptions.ResourceVersionMatch.notOlderThan.rawValue)
    }
    query.add("timeoutSeconds", String(request.duration.components.seconds))
    return APICall(
      method: "GET", path: query.appended(to: scope.resource.path(namespace: scope.namespace)),
      title: "WATCH \(subject)", accept: Object.wantsMetadataOnly ? Accept.partialObject : Accept.json,
      timeout: executor.policy.readTimeout)
  }

  private func consume(
    _ stream: WatchStream, _ machine: inout WatchMachine, _ handle: (WatcherEvent<Object>) async -> Void
  ) async -> WatchMachine.Step? {
    var splitter = LineSplitter(maximumLength: options.maximumLineLength)
    let jitter = jitter
    while let signal = await stream.signals.next() {
      switch signal {
      case .opened:
        machine.streamOpened(at: clock.monotonicTime)
      case .chunk(let bytes):
        splitter.append(bytes)
        do {
          while let line = try splitter.next() {
            if let step = await take(line, &machine, jitter, handle) { return step }
            if Task.isCancelled { return nil }
          }
        } catch {
          let error = KubernetesError(
            .tooLarge, request: stream.title, reason: "one line of the watch is longer than \(error.limit) bytes")
          return machine.streamFailed(error, at: clock.monotonicTime, jitter: jitter)
        }
      case .ended:
        let error = KubernetesError(
          .transport, request: stream.title, reason: "the stream ended in the middle of a line")
        return machine.streamEnded(
          cutLine: splitter.leftover > 0 ? error : nil, at: clock.monotonicTime, jitter: jitter)
      case .failed(let error):
        return machine.streamFailed(error, at: clock.monotonicTime, jitter: jitter)
      case .silent:
        if let step = machine.initialListOverdue(jitter: jitter) { return step }
      }
    }
    return nil
  }

  /// - Returns: what to do next when this line ends the watch.
  private func take(
    _ bytes: [UInt8], _ machine: inout WatchMachine, _ jitter: Double,
    _ handle: (WatcherEvent<Object>) async -> Void
  ) async -> WatchMachine.Step? {
    let line: WatchLine<Object>
    do {
      line = try WatchLine.decode(bytes)
    } catch {
      let error = KubernetesError(decoding: error, request: "WATCH \(subject)", changesState: false)
      return machine.streamFailed(error, at: clock.monotonicTime, jitter: jitter)
    }
    switch line {
    case .added(let object), .modified(let object):
      let version = object.metadata.resourceVersion
      return await carryOut(
        machine.object(.applied, resourceVersion: version, jitter: jitter), .applied(object), handle)
    case .deleted(let object):
      let version = object.metadata.resourceVersion
      return await carryOut(
        machine.object(.deleted, resourceVersion: version, jitter: jitter), .deleted(object), handle)
    case .bookmark(let version, let endsInitialEvents):
      let verdict = machine.bookmark(
        resourceVersion: version, endsInitialEvents: endsInitialEvents, jitter: jitter)
      return await carryOut(verdict, .bookmark(resourceVersion: version), handle)
    case .error(let status):
      let error = KubernetesError(status: status, request: "WATCH \(subject)")
      return machine.streamFailed(error, at: clock.monotonicTime, jitter: jitter)
    }
  }

  private func carryOut(
    _ verdict: WatchMachine.Verdict, _ event: WatcherEvent<Object>, _ handle: (WatcherEvent<Object>) async -> Void
  ) async -> WatchMachine.Step? {
    switch verdict {
    case .changed, .bookmark:
      await handle(event)
    case .relisted:
      if case .applied(let object) = event { await handle(.relisted(object)) }
    case .relistDone(let version):
      await handle(.relistDone(resourceVersion: version))
    case .ignore:
      break
    case .leave(let step):
      return step
    }
    return nil
  }
}
