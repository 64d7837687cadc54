import FoundationEssentials

@testable import RollbackOperator

/// Any bytes as the answer of Prometheus: a line `STATUS instant|range`, then the body.
enum PrometheusProperties {
  static func check(_ bytes: [UInt8]) throws(Violation) {
    let end = bytes.firstIndex(of: 0x0a) ?? bytes.endIndex
    let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
    let status = words.first.flatMap { Int($0) } ?? 200
    let body = Array(bytes[end...].dropFirst())
    for endpoint in [PrometheusAnswer.Endpoint.instant, .range] {
      let answer = Result { () throws(PrometheusAnswerError) in
        try PrometheusAnswer(status: status, body: body, from: endpoint)
      }
      switch answer {
      case .success(let answer):
        try require((200..<300).contains(status), "an answer of HTTP \(status)")
        try check(answer, from: endpoint)
      case .failure(let error): try check(error, body)
      }
    }
  }

  private static func check(_ answer: PrometheusAnswer, from endpoint: PrometheusAnswer.Endpoint) throws(Violation) {
    switch (answer, endpoint) {
    case (.vector(let series), .instant):
      try check(series)
      try require(series.allSatisfy { $0.points.count == 1 }, "a vector of series that have not one point each")
    case (.matrix(let series), .range): try check(series)
    case (.scalar(let point), .instant): try check(point)
    default: throw Violation(description: "\(endpoint) was answered with \(answer)")
    }
  }

  private static func check(_ series: [PrometheusSeries]) throws(Violation) {
    try require(series.count <= PrometheusAnswer.mostSeries, "\(series.count) series")
    try require(Set(series.map(\.labels)).count == series.count, "two series with the same labels")
    for one in series {
      try require(one.points.count <= PrometheusAnswer.mostPoints, "\(one.points.count) points")
      for point in one.points { try check(point) }
      try require(zip(one.points, one.points.dropFirst()).allSatisfy { $0.at < $1.at }, "points out of order")
    }
  }

  private static func check(_ point: PrometheusPoint) throws(Violation) {
    try require((946_684_800...4_102_444_800).contains(point.at.timeIntervalSince1970), "a point at \(point.at)")
  }

  private static func check(_ error: PrometheusAnswerError, _ body: [UInt8]) throws(Violation) {
    try Text.requireOneLine(error.description, longest: 300)
    try Text.requireNoEcho(of: body, in: error.description, length: 16)
  }
}
