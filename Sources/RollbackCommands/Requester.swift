import KubernetesClient

extension Session {
  /// Who the user is, as the API server sees him: what `kubectl auth whoami` shows.
  ///
  /// Servers older than Kubernetes 1.26 cannot say it. There it is the user of `--as`, the common name of the client
  /// certificate, the user name of basic credentials, or else the name of the kubeconfig's user entry.
  ///
  /// - Throws: when neither the server nor the kubeconfig says it.
  func requester() async throws -> String {
    for version in ["v1", "v1beta1", "v1alpha1"] {
      let resource = APIResource(
        group: "authentication.k8s.io", version: version, plural: "selfsubjectreviews", kind: "SelfSubjectReview",
        isNamespaced: false)
      do throws(KubernetesError) {
        let answer = try await client.review(
          resource, ["apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind)])
        if let user = answer.at("/status/userInfo/username")?.string, !user.isEmpty { return user }
      } catch {
        // Not served by this version, or not to this user; anything else would fail the command's own request, too.
        guard error.isNotFound || error.code == .forbidden || error.code == .methodNotAllowed else {
          throw explained(error)
        }
      }
    }
    if let presumedUser, !presumedUser.isEmpty { return presumedUser }
    throw CommandFailure.error(
      "This API server does not say who you are (Kubernetes 1.26 and newer do), and the kubeconfig has no user name; "
        + "name the user in the kubeconfig, or give --as.")
  }

  /// The common name of a certificate's subject such as `CN=ann,O=dev`.
  package static func commonName(ofSubject subject: String) -> String? {
    subject.split(separator: ",").map { String($0).trimmed }.first { $0.hasPrefix("CN=") }
      .map { String($0.dropFirst(3)) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
