/// Why there is no answer that can be trusted; for a trigger that means unknown, neither healthy nor breached.
public struct PrometheusAnswerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What to switch on; also a bounded label.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// Prometheus says that the query is wrong or cannot be evaluated: a person must change it.
    case queryRefused
    /// 401 and 403: credentials or rights are missing.
    case unauthorized
    /// 404: there is no such API at this address.
    case notFound
    /// 3xx: the address is another; redirections are not followed.
    case redirected
    /// 429: asked too often.
    case tooManyRequests
    /// Prometheus, or what stands before it, fails at the moment.
    case unavailable
    /// HTTP 200 with something else than an answer of this API, such as a login page.
    case foreign
    /// There are warnings: some of the data is missing.
    case partial
    /// An answer to another kind of query.
    case wrongResultType
    /// Native histograms, which are no numbers.
    case unsupported
    case malformed
    case tooLarge
  }

  /// The words that Prometheus documents for `errorType`; any other is not repeated.
  public enum ErrorType: String, Hashable, Sendable, CaseIterable {
    case timeout
    case canceled
    case execution
    case badData = "bad_data"
    case `internal`
    case unavailable
    case notFound = "not_found"
    case notAcceptable = "not_acceptable"
  }

  public let code: Code
  /// The HTTP status if it was the trouble.
  public let httpStatus: Int?
  public let errorType: ErrorType?
  /// One sentence for people on one line. It repeats nothing of the body but ``errorType``.
  public let description: String

  private init(_ code: Code, httpStatus: Int? = nil, errorType: ErrorType? = nil, _ description: String) {
    self.code = code
    self.httpStatus = httpStatus
    self.errorType = errorType
    self.description = description
  }

  /// The error of an HTTP status other than 2xx.
  init(status: Int, errorType: ErrorType?) {
    let said = errorType.map { " (\($0.rawValue))" } ?? ""
    let (code, text): (Code, String) =
      switch (status, errorType) {
      case (401, _): (.unauthorized, "wants credentials (HTTP 401); name a Secret that holds them")
      case (403, _): (.unauthorized, "refuses these credentials (HTTP 403); check their rights")
      case (404, _): (.notFound, "has no such API (HTTP 404)\(said); check the address and its path")
      case (429, _): (.tooManyRequests, "is asked too often (HTTP 429); make intervals longer")
      case (300..<400, _): (.redirected, "redirects (HTTP \(status)), which is not followed; write the final address")
      case (_, .badData?): (.queryRefused, "refuses the query as wrong (HTTP \(status), bad_data); check its spelling")
      case (_, .execution?): (.queryRefused, "cannot evaluate the query (HTTP \(status), execution); try it by hand")
      case (400, nil), (422, nil): (.queryRefused, "refuses the query (HTTP \(status)); try it by hand")
      case (400..<500, _): (.foreign, "answers with HTTP \(status)\(said); check the address")
      case (500..<600, _): (.unavailable, "fails with HTTP \(status)\(said)")
      default: (.foreign, "answers with HTTP status \(status), which is none of this API")
      }
    self.init(code, httpStatus: status, errorType: errorType, "Prometheus \(text)")
  }

  /// The error of an answer that says `status: error` although its HTTP status is 200.
  static func inside(_ errorType: ErrorType?) -> Self {
    let said = errorType.map { " (\($0.rawValue))" } ?? ""
    let isQuery = errorType == .badData || errorType == .execution
    return Self(
      isQuery ? .queryRefused : .unavailable, httpStatus: 200, errorType: errorType,
      "Prometheus reports an error inside an answer of HTTP 200\(said); try the query by hand")
  }

  static var foreign: Self {
    Self(
      .foreign, "the answer is not from Prometheus's API; something before it, such as a login page, has answered")
  }

  static var partial: Self {
    Self(.partial, "Prometheus warns that the answer is not whole, so that it proves nothing; look at its warnings")
  }

  static var histogram: Self {
    Self(
      .unsupported,
      "the query returns native histograms, which are no numbers; put histogram_quantile or histogram_avg around it")
  }

  static func wrongResultType(_ remedy: String) -> Self {
    Self(.wrongResultType, "the query \(remedy)")
  }

  static func malformed(_ what: String) -> Self {
    Self(.malformed, "the answer of Prometheus cannot be read: \(what)")
  }

  static func tooLarge(_ what: String) -> Self {
    Self(.tooLarge, "the answer of Prometheus \(what); let the query aggregate, with sum or max for example")
  }
}
