import FoundationEssentials
import RollbackOperator
import Testing

@Suite("Answers of Prometheus")
struct PrometheusAnswerTests {
  static let time = Date(timeIntervalSince1970: 1_766_361_451.781)

  static func success(_ type: String, _ result: String, _ more: String = "") -> String {
    #"{"status":"success","data":{"resultType":"\#(type)","result":\#(result)}\#(more)}"#
  }

  static func scalar(_ value: String) -> String { success("scalar", "[1766361451.781,\(value)]") }

  static func vector(_ series: String, _ more: String = "") -> String { success("vector", "[\(series)]", more) }

  static let one = #"{"metric":{"__name__":"up","job":"a"},"value":[1766361451.781,"0.25"]}"#

  func decode(
    _ body: String, status: Int = 200, _ endpoint: PrometheusAnswer.Endpoint = .instant
  ) throws(PrometheusAnswerError) -> PrometheusAnswer {
    try PrometheusAnswer(status: status, body: Array(body.utf8), from: endpoint)
  }

  func failure(
    _ body: String, status: Int = 200, _ endpoint: PrometheusAnswer.Endpoint = .instant
  ) -> PrometheusAnswerError? {
    #expect(throws: PrometheusAnswerError.self) { try decode(body, status: status, endpoint) }
  }

  @Test("A vector, a scalar and a matrix are read, in whatever order the members stand")
  func reads() throws {
    let series = PrometheusSeries(labels: ["__name__": "up", "job": "a"], points: [.init(at: Self.time, value: 0.25)])
    #expect(try decode(Self.vector(Self.one)) == .vector([series]))
    #expect(try decode(Self.vector("")) == .vector([]))
    #expect(
      try decode(Self.vector(Self.one, #","warnings":[],"infos":["a hint"],"more":{"a":[1]}"#)) == .vector([series]))
    #expect(try decode(Self.vector(Self.one, #","warnings":null,"isPartial":false"#)) == .vector([series]))
    let turned = #"{"data":{"result":[1766361451.781,"-1e3"],"stats":{},"resultType":"scalar"},"status":"success"}"#
    #expect(try decode(turned) == .scalar(.init(at: Self.time, value: -1_000)))
    let values = #"{"values":[[1766361451.781,"1"],[1766361466.781,"2"]],"metric":{}}"#
    let points = [PrometheusPoint(at: Self.time, value: 1), .init(at: Self.time.addingTimeInterval(15), value: 2)]
    #expect(
      try decode(Self.success("matrix", "[\(values)]"), .range) == .matrix([.init(labels: [:], points: points)]))
  }

  @Test("NaN and infinities are values for the caller to judge")
  func special() throws {
    guard case .scalar(let point) = try decode(Self.scalar(#""NaN""#)) else { throw Wrong.kind }
    #expect(point.value.isNaN)
    #expect(try decode(Self.scalar(#""+Inf""#)) == .scalar(.init(at: Self.time, value: .infinity)))
    #expect(try decode(Self.scalar(#""-Inf""#)) == .scalar(.init(at: Self.time, value: -.infinity)))
    let longest = String(Int8.max) + String(repeating: "0", count: 300)
    #expect(try decode(Self.scalar("\"\(longest)\"")) == .scalar(.init(at: Self.time, value: 1.27e302)))
  }

  enum Wrong: Error { case kind }

  @Test(
    "What is not a number that fits is malformed",
    arguments: [
      #""""#, #""1e400""#, #""-1e400""#, #""0x1p3""#, #""0x10""#, #""Inf""#, #""inf""#, #""nan""#, #""-NaN""#,
      #""+1""#, #"" 1""#, #""1 ""#, #""1.""#, #"".5""#, #""1e""#, #""1_000""#, #""١""#, #""infinity""#, "1", "null",
      "true", #"["1"]"#, #"{"a":1}"#, #""1","2""#,
    ])
  func notNumbers(value: String) {
    #expect(failure(Self.scalar(value))?.code == .malformed)
    #expect(failure(Self.vector(#"{"metric":{},"value":[1766361451.781,\#(value)]}"#))?.code == .malformed)
  }

  @Test(
    "A time that cannot be is malformed",
    arguments: ["0", "-1", "946684799", "4102444801", "1e300", "1766361451781", #""1766361451""#, "null", "1e400"])
  func times(time: String) {
    #expect(failure(Self.success("scalar", #"[\#(time),"1"]"#))?.code == .malformed)
  }

  static let malformed = [
    "{", "{}x", #"{"status":"success""#, #"{"status":"success"}"#, #"{"status":"success","data":null}"#,
    #"{"status":"success","data":{}}"#, #"{"status":"success","data":{"resultType":"vector"}}"#,
    #"{"status":"success","data":{"result":[]}}"#, #"{"status":1}"#, #"{"status":"ok"}"#,
    success("vector", "null"), success("vector", "{}"), success("vector", "[[]]"), success("streams", "[]"),
    success("vector", "[") + "]", vector(#"{"value":[1766361451,"1"]}"#), vector(#"{"metric":{}}"#),
    vector(#"{"metric":null,"value":[1766361451,"1"]}"#), vector(#"{"metric":{"a":1},"value":[1766361451,"1"]}"#),
    vector(#"{"metric":{"a":"1","a":"1"},"value":[1766361451,"1"]}"#),
    vector(#"{"metric":{},"metric":{},"value":[1766361451,"1"]}"#),
    vector(#"{"metric":{},"value":[1766361451,"1"],"value":[1766361451,"1"]}"#),
    vector(#"{"metric":{},"values":[[1766361451,"1"]]}"#), vector("\(one),\(one)"),
    vector(one, #","status":"success""#),
    vector(one, #","data":{"resultType":"vector","result":[]}"#), vector(one, #","warnings":"none""#),
    success("scalar", "[]"), success("scalar", "[1766361451]"), success("scalar", #"[1766361451,"1","2"]"#),
    vector(#"{"metric":{},"value":[1766361451,"1"],"x":"# + String(repeating: "[", count: 200)),
  ]

  @Test("An answer of another form than the API describes is malformed", arguments: malformed)
  func otherForm(body: String) {
    #expect(failure(body)?.code == .malformed)
  }

  @Test("Points out of order are malformed, and so is a vector's form in a matrix")
  func matrices() {
    for values in [#"[1766361466,"1"],[1766361451,"1"]"#, #"[1766361451,"1"],[1766361451,"1"]"#] {
      let body = Self.success("matrix", #"[{"metric":{},"values":[\#(values)]}]"#)
      #expect(failure(body, .range)?.code == .malformed)
    }
    #expect(failure(Self.success("matrix", "[\(Self.one)]"), .range)?.code == .malformed)
  }

  @Test("An answer to another kind of query is told apart, with what to do")
  func wrongTypes() {
    let ranges = failure(Self.success("matrix", "[]"))
    #expect(ranges?.code == .wrongResultType)
    #expect(ranges?.description.contains("rate or max_over_time") == true)
    #expect(failure(Self.success("string", #"[1766361451,"a"]"#))?.code == .wrongResultType)
    #expect(failure(Self.success("string", #"[1766361451,"a"]"#), .range)?.code == .wrongResultType)
    #expect(failure(Self.vector(""), .range)?.code == .wrongResultType)
    #expect(failure(Self.scalar(#""1""#), .range)?.code == .wrongResultType)
  }

  @Test("Native histograms are no numbers", arguments: [#""histogram":[1766361451,{}]"#, #""histograms":[]"#])
  func histograms(member: String) {
    #expect(failure(Self.vector(#"{"metric":{},\#(member)}"#))?.code == .unsupported)
    #expect(failure(Self.success("matrix", #"[{"metric":{},\#(member)}]"#), .range)?.code == .unsupported)
  }

  @Test("Warnings, and VictoriaMetrics' own mark, say that some of the data is missing")
  func partial() {
    #expect(failure(Self.vector(Self.one, #","warnings":["a store is s3cret"]"#))?.code == .partial)
    #expect(failure(Self.vector(Self.one, #","isPartial":true"#))?.code == .partial)
    #expect(failure(#"{"warnings":[{}],"# + Self.vector("").dropFirst())?.code == .partial)
  }

  @Test("An error inside HTTP 200 is one, and nothing of it is repeated but a documented word")
  func errorInside() {
    let timeout = failure(#"{"status":"error","errorType":"timeout","error":"s3cret"}"#)
    #expect(timeout?.code == .unavailable && timeout?.errorType == .timeout)
    #expect(timeout?.description.contains("(timeout)") == true && timeout?.description.contains("s3cret") == false)
    let query = failure(#"{"status":"error","errorType":"bad_data","error":"s3cret"}"#)
    #expect(query?.code == .queryRefused)
    let other = failure(#"{"status":"error","errorType":"s3cret","data":{"resultType":"vector","result":[]}}"#)
    #expect(other?.code == .unavailable && other?.errorType == nil)
    #expect(other?.description.contains("s3cret") == false)
    #expect(failure(#"{"status":"error","errorType":7}"#)?.code == .malformed)
  }

  @Test(
    "What is not from Prometheus is said to be foreign",
    arguments: ["", " \n", "<!DOCTYPE html><title>s3cret</title>", "ok", "[]", "\"success\"", "{}", #"{"error":"x"}"#])
  func foreign(body: String) {
    let error = failure(body)
    #expect(error?.code == .foreign)
    #expect(error?.description.contains("s3cret") == false)
  }

  static let statuses: [(status: Int, body: String, code: PrometheusAnswerError.Code)] = [
    (301, "", .redirected), (302, "<html>", .redirected), (400, "", .queryRefused), (422, "x", .queryRefused),
    (400, #"{"status":"error","errorType":"bad_data","error":"s3cret"}"#, .queryRefused),
    (422, #"{"status":"error","errorType":"execution","error":"s3cret"}"#, .queryRefused),
    (503, #"{"status":"error","errorType":"timeout","error":"s3cret"}"#, .unavailable),
    (503, #"{"status":"error","errorType":"s3cret"}"#, .unavailable), (500, "s3cret", .unavailable),
    (502, "<html>s3cret</html>", .unavailable), (504, "", .unavailable), (401, "s3cret", .unauthorized),
    (403, #"{"status":"error","errorType":"bad_data"}"#, .unauthorized), (404, "404 s3cret", .notFound),
    (429, "s3cret", .tooManyRequests), (405, "s3cret", .foreign), (100, "", .foreign), (0, "", .foreign),
    (-1, "", .foreign), (999, "", .foreign), (Int.max, "", .foreign),
  ]

  @Test("Every other status is an error with a code, and its body is not repeated", arguments: statuses)
  func otherStatus(status: Int, body: String, code: PrometheusAnswerError.Code) {
    let error = failure(body, status: status)
    #expect(error?.code == code && error?.httpStatus == status)
    #expect(error?.description.contains("s3cret") == false)
    #expect(error?.description.contains("\(status)") == true)
  }

  @Test("Too much is refused: series, points, labels, bytes")
  func tooLarge() throws {
    func series(_ count: Int) -> String {
      Self.vector((0..<count).map { #"{"metric":{"a":"\#($0)"},"value":[1766361451,"1"]}"# }.joined(separator: ","))
    }
    guard case .vector(let most) = try decode(series(10_000)) else { throw Wrong.kind }
    #expect(most.count == 10_000)
    #expect(failure(series(10_001))?.code == .tooLarge)
    func points(_ count: Int) -> String {
      let values = (0..<count).map { #"[\#(1_766_361_451 + $0),"1"]"# }.joined(separator: ",")
      return Self.success("matrix", #"[{"metric":{},"values":[\#(values)]}]"#)
    }
    guard case .matrix(let long) = try decode(points(11_000), .range) else { throw Wrong.kind }
    #expect(long.first?.points.count == 11_000)
    #expect(failure(points(11_001), .range)?.code == .tooLarge)
    let labels = (0...256).map { "\"l\($0)\":\"\"" }.joined(separator: ",")
    #expect(failure(Self.vector(#"{"metric":{\#(labels)},"value":[1766361451,"1"]}"#))?.code == .tooLarge)
    let padding = String(repeating: " ", count: PrometheusAnswer.longestBody)
    #expect(failure(padding + Self.vector(""))?.code == .tooLarge)
  }
}
