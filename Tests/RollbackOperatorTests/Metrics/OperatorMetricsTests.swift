import ControllerRuntime
import FoundationEssentials
import RollbackCore
import Testing

@testable import RollbackOperator

@Suite("The operator's own metrics")
struct OperatorMetricsTests {
  let metrics = PrometheusMetrics(includesProcess: false)
  var own: OperatorMetrics { OperatorMetrics(factory: metrics) }

  func samples() -> [String] {
    metrics.exposition().split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  @Test("A policy has one series that says what it is and one that says what it does, until it goes")
  func policies() {
    let own = own
    let web = NamespacedName(namespace: "shop", name: "web")
    own.policyChanged(web, mode: .auto, target: "web", state: .watching)
    own.policyChanged(web, mode: .auto, target: "web", state: .watching)
    #expect(
      samples() == [
        #"rollback_policy_info{mode="Auto",namespace="shop",policy="web",target="web"} 1"#,
        #"rollback_policy_state{namespace="shop",policy="web",state="Watching"} 1"#,
      ])
    own.policyChanged(web, mode: nil, target: "", state: .invalid)
    #expect(
      samples() == [
        #"rollback_policy_info{mode="Unknown",namespace="shop",policy="web",target=""} 1"#,
        #"rollback_policy_state{namespace="shop",policy="web",state="Invalid"} 1"#,
      ])
    own.policyRemoved(web)
    own.policyRemoved(web)
    #expect(samples().isEmpty)
  }

  @Test("Ten thousand policies come and go without leaving a series")
  func churn() {
    let own = own
    for number in 0..<10_000 {
      let name = NamespacedName(namespace: "n", name: "p\(number)")
      own.policyChanged(name, mode: .observe, target: "t", state: .onTrial)
      own.policyRemoved(name)
    }
    #expect(samples().isEmpty)
  }

  @Test("Rollbacks, holds and requests are counted by words of the API only")
  func counts() {
    let own = own
    own.rollbackEnded(.recovered, severity: .high, action: "undoRollout")
    own.rollbackEnded(.failed, severity: nil, action: "undoRollout")
    own.rollbackHeld(reason: "Cooldown")
    own.requestEnded(method: "PATCH", status: 200)
    own.requestEnded(method: "GET", status: nil)
    own.requestEnded(method: "BREW", status: 9_000)
    #expect(
      samples() == [
        #"rest_client_requests_total{code="200",method="PATCH"} 1"#,
        #"rest_client_requests_total{code="<error>",method="GET"} 1"#,
        #"rest_client_requests_total{code="other",method="other"} 1"#,
        #"rollback_held_total{reason="Cooldown"} 1"#,
        #"rollback_total{action="undoRollout",outcome="Failed",severity="Manual"} 1"#,
        #"rollback_total{action="undoRollout",outcome="Recovered",severity="High"} 1"#,
      ])
  }

  @Test("Durations are histograms in seconds")
  func durations() {
    let own = own
    for phase in OperatorMetrics.Phase.allCases { own.phaseEnded(phase, after: PolicyDuration(milliseconds: 1_500)) }
    own.recovered(after: .minutes(2))
    let samples = samples()
    for phase in ["detect", "act", "verify"] {
      #expect(samples.contains("rollback_phase_duration_seconds_sum{phase=\"\(phase)\"} 1.5"))
      #expect(samples.contains("rollback_phase_duration_seconds_bucket{phase=\"\(phase)\",le=\"0.001\"} 0"))
    }
    #expect(samples.contains("rollback_recovery_seconds_sum 120"))
    #expect(samples.contains(#"rollback_recovery_seconds_bucket{le="60"} 0"#))
    #expect(samples.contains(#"rollback_recovery_seconds_bucket{le="120"} 1"#))
  }

  @Test("The certificate's expiry is an instant, and gone without a certificate")
  func certificate() {
    let own = own
    own.clientCertificateExpires(at: Date(timeIntervalSince1970: 1_800_000_000))
    own.undecodableObjects(kind: "Deployment", count: 2)
    #expect(
      samples() == [
        "rollback_client_certificate_expiry_seconds 1800000000", #"rollback_undecodable_objects{kind="Deployment"} 2"#,
      ])
    own.clientCertificateExpires(at: nil)
    #expect(samples() == [#"rollback_undecodable_objects{kind="Deployment"} 2"#])
  }
}
