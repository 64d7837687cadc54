import KubernetesClient

/// The outer object of every answer: `{"status": …, "data": {"resultType": …, "result": …}, "warnings": […]}`.
///
/// A member that occurs twice makes the whole answer malformed: there is no telling which of the two is meant.
struct PrometheusEnvelope {
  private var isSuccess: Bool?
  private var errorType: String?
  private var isPartial = false
  private var resultType: String?
  private var result: JSONCursor.Position?
  private var seen: Set<String> = []

  /// Reads the body of an answer with HTTP 2xx.
  static func answer(
    _ body: [UInt8], from endpoint: PrometheusAnswer.Endpoint
  ) throws(PrometheusAnswerError) -> PrometheusAnswer {
    do {
      var cursor = JSONCursor(body.span)
      var envelope = PrometheusEnvelope()
      try envelope.read(&cursor)
      try cursor.finish()
      return try envelope.answer(&cursor, from: endpoint)
    } catch let error as PrometheusAnswerError {
      throw error
    } catch let error as JSONError where error.reason == .unexpectedEnd {
      throw .malformed("it ends in the middle")
    } catch {
      throw .malformed("it is not the JSON that its API describes")
    }
  }

  /// What an answer with another status than 2xx says in Prometheus's own words; `nil` if it does not.
  static func errorType(_ body: [UInt8]) -> PrometheusAnswerError.ErrorType? {
    guard body.count <= PrometheusAnswer.longestBody else { return nil }
    var cursor = JSONCursor(body.span)
    var envelope = PrometheusEnvelope()
    guard (try? envelope.read(&cursor)) != nil, envelope.isSuccess == false else { return nil }
    return envelope.errorType.flatMap(PrometheusAnswerError.ErrorType.init)
  }

  private mutating func read(_ cursor: inout JSONCursor) throws {
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "status":
        try once("status")
        isSuccess = try Self.isSuccess(try cursor.readString())
      case "errorType":
        try once("errorType")
        errorType = try cursor.readStringIfPresent()
      case "warnings":
        try once("warnings")
        guard try cursor.beginArrayIfPresent() else { continue }
        while try cursor.nextElement() {
          isPartial = true
          try cursor.skip()
        }
      // Of VictoriaMetrics, when one of its storage nodes did not answer.
      case "isPartial":
        try once("isPartial")
        if try cursor.readBoolIfPresent() == true { isPartial = true }
      case "data":
        try once("data")
        if try cursor.peekKind() == .object { try readData(&cursor) } else { try cursor.skip() }
      default: try cursor.skip()
      }
    }
  }

  private static func isSuccess(_ status: String) throws -> Bool {
    switch status {
    case "success": return true
    case "error": return false
    default: throw PrometheusAnswerError.malformed("its status is neither success nor error")
    }
  }

  private mutating func readData(_ cursor: inout JSONCursor) throws {
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
      switch key {
      case "resultType":
        try once("resultType")
        resultType = try cursor.readString()
      case "result":
        try once("result")
        // How it is to be read is known only after its type, which may follow.
        _ = try cursor.peekKind()
        result = cursor.position
        try cursor.skip()
      default: try cursor.skip()
      }
    }
  }

  private mutating func once(_ member: String) throws {
    guard seen.insert(member).inserted else { throw PrometheusAnswerError.malformed("a member occurs twice") }
  }

  private func answer(
    _ cursor: inout JSONCursor, from endpoint: PrometheusAnswer.Endpoint
  ) throws -> PrometheusAnswer {
    guard let isSuccess else { throw PrometheusAnswerError.foreign }
    guard isSuccess else {
      throw PrometheusAnswerError.inside(errorType.flatMap(PrometheusAnswerError.ErrorType.init))
    }
    guard !isPartial else { throw PrometheusAnswerError.partial }
    guard let result, let resultType else { throw PrometheusAnswerError.malformed("it holds no result") }
    cursor.position = result
    switch (endpoint, resultType) {
    case (.instant, "vector"): return .vector(try PrometheusResult.series(&cursor, isMatrix: false))
    case (.instant, "scalar"): return .scalar(try PrometheusResult.point(&cursor))
    case (.range, "matrix"): return .matrix(try PrometheusResult.series(&cursor, isMatrix: true))
    case (.instant, "matrix"):
      throw PrometheusAnswerError.wrongResultType(
        "returns ranges instead of single values; put a function such as rate or max_over_time around the range")
    case (.instant, "string"), (.range, "string"):
      throw PrometheusAnswerError.wrongResultType("returns a string; write one that returns numbers")
    case (.range, "vector"), (.range, "scalar"):
      throw PrometheusAnswerError.wrongResultType("over a range was answered with single values")
    default: throw PrometheusAnswerError.malformed("its result type is none that the API describes")
    }
  }
}
