import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Errors say what happened")
struct APIErrorTests {
  private func error(_ answer: ScriptedTransport.Answer, _ request: String = "PATCH deployments/web in namespace shop")
    -> KubernetesError?
  {
    guard case .response(let response) = answer else { return nil }
    return KubernetesError(answer: response, request: request, changesState: false)
  }

  @Test("The description is one sentence with request, status, message and causes")
  func sentence() {
    let answer = ScriptedTransport.Answer.status(
      422, "Invalid", #"Deployment.apps "web" is invalid"#,
      causes: [
        .init(reason: "FieldValueInvalid", message: "Invalid value: -1: must be at least 0", field: "spec.replicas"),
        .init(reason: "FieldValueRequired", message: "Required value", field: "spec.selector"),
      ])
    #expect(
      error(answer)?.description
        == #"PATCH deployments/web in namespace shop: 422 Invalid: Deployment.apps "web" is invalid; spec.replicas: Invalid value: -1: must be at least 0; spec.selector: Required value"#
    )
    #expect(error(answer)?.code == .invalid)
    #expect(error(answer)?.status?.details.causes.count == 2)
  }

  @Test("Causes that the message already holds are not repeated")
  func noRepetition() {
    let answer = ScriptedTransport.Answer.status(
      422, "Invalid", "spec.replicas: Invalid value: -1", causes: [.init(message: "Invalid value: -1")])
    #expect(
      error(answer)?.description
        == "PATCH deployments/web in namespace shop: 422 Invalid: spec.replicas: Invalid value: -1")
  }

  @Test("A missing right is told with its remedy, what a quota forbids without")
  func missingRight() {
    let right =
      #"pods is forbidden: User "operator" cannot list resource "pods" in API group "" in the namespace "shop""#
    #expect(
      error(.status(403, "Forbidden", right), "LIST pods")?.description
        == "LIST pods: 403 Forbidden: \(right); a Role or ClusterRole has to grant this right")
    let quota = #"pods "web" is forbidden: exceeded quota: pods=10"#
    #expect(error(.status(403, "Forbidden", quota), "LIST pods")?.description == "LIST pods: 403 Forbidden: \(quota)")
  }

  @Test("What the transport knows about a refusal is said with it")
  func remark() {
    let refused = TransportResponse(status: 401, remark: "the token of /x is not accepted; give one that is valid")
    #expect(error(.response(refused))?.description.hasSuffix("; \(refused.remark ?? "?")") == true)
  }

  @Test("A 404 without a Status is about the API and not about the object")
  func notServed() {
    #expect(error(.page(404, "404 page not found"))?.code == .notServed)
    #expect(error(.status(404, "NotFound"))?.code == .notFound)
    #expect(error(.page(404, "404 page not found"))?.isNotFound == true)
  }

  @Test("A page of a proxy is not repeated, only its status and type")
  func foreignBody() {
    let description = error(.page(502, "<html>secret of another tenant</html>"))?.description ?? ""
    #expect(description.contains("answered 502 with text/html"))
    #expect(!description.contains("secret"))
  }

  @Test("JSON that is no Status is not repeated either")
  func foreignJSON() {
    let description = error(.json(500, #"{"message":"secret","kind":"Other"}"#))?.description ?? ""
    #expect(description.contains("answered 500 with application/json"))
    #expect(!description.contains("secret"))
  }

  @Test("Texts of the server can neither forge a line nor fill the log")
  func hostileText() {
    let description =
      error(.status(403, "Forbidden", "no\nERROR forged\u{1b}[31m" + String(repeating: "x", count: 9_000)))?
      .description ?? ""
    #expect(!description.contains("\n"))
    #expect(!description.contains("\u{1b}"))
    #expect(description.count < 2_200)
  }

  @Test(
    "The reason of the server refines the HTTP status",
    arguments: [
      (404, "NotFound", KubernetesError.Code.notFound), (409, "AlreadyExists", .alreadyExists),
      (409, "Conflict", .conflict), (422, "Invalid", .invalid), (403, "Forbidden", .forbidden),
      (401, "Unauthorized", .unauthorized), (410, "Gone", .gone), (410, "Expired", .expired),
      (429, "TooManyRequests", .tooManyRequests), (500, "ServerTimeout", .serverTimeout), (504, "Timeout", .timeout),
      (500, "InternalError", .internalError), (503, "ServiceUnavailable", .unavailable),
      (400, "BadRequest", .badRequest), (413, "RequestEntityTooLarge", .tooLarge),
      (405, "MethodNotAllowed", .methodNotAllowed), (406, "NotAcceptable", .notAcceptable),
      (415, "UnsupportedMediaType", .unsupportedMediaType), (409, "", .conflict), (410, "Unheard", .gone),
      (418, "", .unexpectedStatus),
    ])
  func codes(status: Int, reason: String, code: KubernetesError.Code) {
    #expect(error(.status(status, reason))?.code == code)
  }

  @Test("A resource version the server has not reached is recognised")
  func tooLarge() {
    let answer = ScriptedTransport.Answer.status(
      504, "Timeout", "Timeout: Too large resource version: 9, current: 7", retryAfter: 1,
      causes: [.init(reason: "ResourceVersionTooLarge", message: "Too large resource version")])
    #expect(error(answer)?.isResourceVersionTooLarge == true)
    #expect(error(answer)?.retryAfter == .seconds(1))
    #expect(error(.status(504, "Timeout"))?.isResourceVersionTooLarge == false)
  }

  @Test("A hostile Retry-After is ignored", arguments: ["-1", "99999999999999999999", "soon", "86401", ""])
  func retryAfter(text: String) {
    let answer = TransportResponse(
      status: 429, headers: [("Content-Type", "application/json"), ("Retry-After", text)], body: [])
    #expect(KubernetesError(answer: answer, request: "GET x", changesState: false).retryAfter == nil)
  }
}
