import FoundationEssentials
import KubernetesClient

/// How fast the cursor turns bytes into trimmed Deployments, beside `JSONDecoder` on the same bytes with the same
/// fields.
///
/// The two take turns, and the best of several rounds counts, in processor time of this process, so that other programs
/// on the machine disturb both as little as possible.
struct DecodeBenchmark {
  /// How many objects there are.
  var count: Int

  private static let rounds = 5
  /// Objects of one page, as the operator lists them.
  private static let pageSize = 500

  func run() throws -> Findings {
    Progress.say("decode: \(count) Deployments")
    let template = try ObjectTemplate.deployment()
    let pages = stride(from: 0, to: count, by: Self.pageSize).map { first in
      ObjectPage(
        template, kind: "DeploymentList", first..<min(count, first + Self.pageSize), of: count, series: "listed"
      )
      .bytes
    }
    let lines = (0..<count).map { number in
      var line = Array(#"{"type":"MODIFIED","object":"#.utf8)
      template.append(number, series: "watched", to: &line)
      return line + Array("}".utf8)
    }
    for page in pages { try Self.compare(page) }
    let size = Double(pages.map(\.count).reduce(0, +)) / Double(count)
    return Findings(
      figures: [
        try race(
          "decoding pages of a DeploymentList", pages,
          cursor: { try ObjectList<Deployment>.decode($0).items.count { $0.object != nil } },
          decoder: { try $0.decode(CodableDeploymentList.self, from: $1).items.count }),
        try race(
          "decoding lines of a watch of Deployments", lines,
          cursor: { line in
            guard case .modified(.object) = try WatchLine<Deployment>.decode(line) else { return 0 }
            return 1
          },
          decoder: { try $0.decode(CodableWatchLine.self, from: $1).type == "MODIFIED" ? 1 : 0 }),
      ],
      notes: ["Decoding: best of \(Self.rounds) rounds, in processor time; \(Number.bytes(size)) of JSON an object."])
  }

  /// - Parameters:
  ///   - cursor: decodes one text, and returns how many objects it found.
  ///   - decoder: the same.
  private func race(
    _ subject: String, _ texts: [[UInt8]], cursor: ([UInt8]) throws -> Int, decoder: (JSONDecoder, Data) throws -> Int
  ) throws -> Figure {
    let data = texts.map { Data($0) }
    let foundation = JSONDecoder()
    foundation.dateDecodingStrategy = .iso8601
    var fastest = (cursor: Duration.seconds(86_400), decoder: Duration.seconds(86_400))
    for _ in 0..<Self.rounds {
      fastest.cursor = min(fastest.cursor, try time { try texts.reduce(0) { $0 + (try cursor($1)) } })
      fastest.decoder = min(
        fastest.decoder, try time { try data.reduce(0) { $0 + (try decoder(foundation, $1)) } })
    }
    let bytes = Double(texts.map(\.count).reduce(0, +))
    return Figure(
      subject: "\(subject), JSONCursor", value: speed(bytes, fastest.cursor), reference: "JSONDecoder",
      referenceValue: speed(bytes, fastest.decoder), ratio: fastest.decoder / fastest.cursor)
  }

  /// Processor time of a round.
  private func time(_ round: () throws -> Int) throws -> Duration {
    let start = ProcessorTime.used
    let found = try round()
    let end = ProcessorTime.used
    guard found == count else { throw BenchmarkError("\(found) of \(count) objects were decoded") }
    return max(end - start, .nanoseconds(1))
  }

  private func speed(_ bytes: Double, _ time: Duration) -> String {
    let seconds = time / .seconds(1)
    return "\(Number.text(bytes / 1e6 / seconds, decimals: 0)) MB/s, "
      + "\(Number.text(Double(count) / seconds, decimals: 0)) objects/s"
  }

  /// Both must read the same, or the comparison would be worth nothing.
  private static func compare(_ page: [UInt8]) throws {
    let cursor = try ObjectList<Deployment>.decode(page).items.compactMap(\.object)
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let foundation = try decoder.decode(CodableDeploymentList.self, from: Data(page)).items
    let isSame = zip(cursor, foundation).allSatisfy { ours, theirs in
      ours.metadata.name == theirs.metadata.name && ours.metadata.uid == theirs.metadata.uid
        && ours.metadata.creationTimestamp == theirs.metadata.creationTimestamp
        && ours.metadata.labels.dictionary == theirs.metadata.labels
        && ours.metadata.annotations.dictionary == theirs.metadata.annotations
        && ours.spec.selector.matchLabels.dictionary == theirs.spec.selector.matchLabels
        && ours.spec.templateAnnotations.dictionary == theirs.spec.template.metadata?.annotations
        && ours.status.availableReplicas == theirs.status.availableReplicas
        && ours.status.conditions.map(\.lastUpdateTime) == theirs.status.conditions?.map(\.lastUpdateTime)
    }
    guard isSame, cursor.count == foundation.count else {
      throw BenchmarkError("the cursor and JSONDecoder do not read the same")
    }
  }
}
