import NIOCore
import NIOSSL
import Synchronization

/// Reads certificates and keys once for many requests.
final class OutboundTLSContext: Sendable {
  /// Whose certificates and keys are read at once; more are read again.
  static let capacity = 256

  private let cache = Mutex<[OutboundTLS: TLSConfiguration]>([:])

  /// For a server whose certificate the machine's own trust store can verify.
  static var plain: TLSConfiguration {
    var result = TLSConfiguration.makeClientConfiguration()
    result.minimumTLSVersion = .tlsv12
    // A peer that does not answer the end of a session holds nothing up.
    result.shutdownTimeout = .milliseconds(200)
    return result
  }

  /// - Throws: ``Unusable`` when a certificate or a key cannot be read, or one stands without the other.
  func configuration(for tls: OutboundTLS) throws(Unusable) -> TLSConfiguration {
    if let known = cache.withLock({ $0[tls] }) { return known }
    let new = try Self.read(tls)
    cache.withLock { cache in
      if cache.count >= Self.capacity { cache.removeAll() }
      cache[tls] = new
    }
    return new
  }

  /// The end of a sentence whose subject is the request; nothing of the files is repeated.
  struct Unusable: Error, Hashable {
    var reason: String
  }

  private static func read(_ tls: OutboundTLS) throws(Unusable) -> TLSConfiguration {
    var result = plain
    if let authority = tls.authority {
      let roots = (try? NIOSSLCertificate.fromPEMBytes(authority)) ?? []
      guard !roots.isEmpty else {
        throw Unusable(
          reason: "names a certificate authority that holds no PEM certificate; give the server's CA as PEM")
      }
      result.trustRoots = .certificates(roots)
    }
    switch (tls.certificate, tls.key) {
    case (nil, nil): break
    case (_?, nil), (nil, _?):
      throw Unusable(reason: "names a client certificate or its key without the other; give both")
    case (let certificate?, let key?):
      let chain = (try? NIOSSLCertificate.fromPEMBytes(certificate)) ?? []
      guard !chain.isEmpty else {
        throw Unusable(
          reason: "names a client certificate that holds no PEM certificate; give it with its chain as PEM")
      }
      guard let privateKey = try? NIOSSLPrivateKey(bytes: key, format: .pem) else {
        throw Unusable(reason: "names a client key that is no PEM key without a pass phrase; give it unencrypted")
      }
      result.certificateChain = chain.map { .certificate($0) }
      result.privateKey = .privateKey(privateKey)
      guard (try? NIOSSLContext(configuration: result)) != nil else {
        throw Unusable(
          reason: "names a client key that does not belong to its certificate; give the key it was made for")
      }
    }
    return result
  }
}
