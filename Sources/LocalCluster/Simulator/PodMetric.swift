/// A metric of a simulated application itself, for example of its pool of database connections.
///
/// It is served with the labels that all metrics of the pod have. A name that ends in `_total` is a counter, which
/// grows by the value in every second in which the pod shows its signals; any other is a gauge that has the value.
public struct PodMetric: Sendable, Equatable {
  public var name: String
  /// Of a gauge; of a counter its growth per second.
  public var value: Double

  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }

  static let most = 20
  static let expected =
    "1 to \(most) lines of a name, a blank and a number that is not negative, each name once, none the simulator's"

  var isCounter: Bool { name.hasSuffix("_total") }

  /// What is told of a pod that has shown its signals for so many seconds.
  func amount(after seconds: Double) -> Double { isCounter ? value * max(0, seconds) : value }

  /// Reads lines such as `db_connections_in_use 95`; `nil` for anything else.
  static func list(_ text: String) -> [PodMetric]? {
    let metrics = text.split(separator: "\n").map { PodMetric(line: $0) }
    let read = metrics.compactMap(\.self)
    guard read.count == metrics.count, (1...most).contains(read.count), Set(read.map(\.name)).count == read.count
    else { return nil }
    return read
  }

  private init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count == 2, let value = Double(words[1]), value.isFinite, value >= 0, Self.isName(words[0]),
      !Exposition.families.contains(where: { words[0].hasPrefix($0) })
    else { return nil }
    self.init(name: String(words[0]), value: value)
  }

  private static func isName(_ text: Substring) -> Bool {
    text.utf8.count <= 100 && text.first?.isNumber == false
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
