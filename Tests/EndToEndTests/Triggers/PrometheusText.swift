import FoundationEssentials

/// Answers of Prometheus's HTTP API as its documentation has them, and as they should not be.
enum PrometheusText {
  /// An answer to a query for now with one series.
  ///
  /// - Parameters:
  ///   - value: as it stands in the answer.
  ///   - at: the time that the sample says.
  static func vector(_ value: String = "9", at time: Date = Date()) -> String { vectors([value], at: time) }

  private static func vectors(_ values: [String], at time: Date = Date(), more: String = "") -> String {
    let series = values.enumerated().map { index, value in
      #"{"metric":{"pod":"web-\#(index)"},"value":[\#(seconds(time)),"\#(value)"]}"#
    }
    return
      #"{"status":"success"\#(more),"data":{"resultType":"vector","result":[\#(series.joined(separator: ","))]}}"#
  }

  /// An answer to a query for a time.
  static func matrix(_ points: [(at: Date, value: Double)]) -> String {
    let values = points.map { #"[\#(seconds($0.at)),"\#($0.value)"]"# }.joined(separator: ",")
    let series = points.isEmpty ? "" : #"{"metric":{},"values":[\#(values)]}"#
    return #"{"status":"success","data":{"resultType":"matrix","result":[\#(series)]}}"#
  }

  private static func seconds(_ time: Date) -> String {
    let milliseconds = Int64((time.timeIntervalSince1970 * 1_000).rounded())
    return "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
  }

  static func reply(with fault: MonitorFault) -> MonitorReply {
    switch fault {
    case .errorInside:
      .json(
        #"{"status":"error","errorType":"timeout","error":"9","data":{"resultType":"vector","result":"#
          + #"[{"metric":{},"value":[\#(seconds(Date())),"9"]}]}}"#)
    case .empty: .json(vectors([]))
    case .notANumber: .json(vector("NaN"))
    case .infinite: .json(vector("+Inf"))
    case .tooLarge: .json(vector("1e400"))
    case .hexadecimal: .json(vector("0x1p3"))
    case .wrongType: .json(matrix([(Date(), 9)]))
    case .partial: .json(vectors(["9"], more: #","warnings":["a store did not answer"]"#))
    case .old: .json(vector(at: Date().addingTimeInterval(-3_600)))
    case .ahead: .json(vector(at: Date().addingTimeInterval(3_600)))
    case .severalSeries: .json(vectors(["9", "10"]))
    default: MonitorReply(fault, body: vector())
    }
  }
}
