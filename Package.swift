// swift-tools-version: 6.2
import PackageDescription

// The walls of the architecture: what a target may import is what it lists here, no more. The build is run with
// `--explicit-target-dependency-import-check error`, so that a transitive import does not compile.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let asyncAlgorithms: Target.Dependency = .product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let metricsTestKit: Target.Dependency = .product(name: "MetricsTestKit", package: "swift-metrics")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "rollback-operator",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "rollback-operator", targets: ["rollback-operator"]),
    .executable(name: "kubectl-rollback", targets: ["kubectl-rollback"]),
  ],
  dependencies: [
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .target(name: "RollbackCore", swiftSettings: settings),
    .target(
      name: "KubernetesClient",
      dependencies: [
        asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, x509, asn1, crypto, yams, logging, subprocess,
      ],
      swiftSettings: settings),
    .target(
      name: "ControllerRuntime",
      dependencies: ["KubernetesClient", serviceLifecycle, metrics, logging],
      swiftSettings: settings),
    .target(
      name: "RollbackOperator",
      dependencies: [
        "RollbackCore", "KubernetesClient", "ControllerRuntime", serviceLifecycle, unixSignals,
        metrics,
        coreMetrics, logging, hummingbird, hummingbirdCore, asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, yams,
        crypto,
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "rollback-operator",
      dependencies: ["RollbackOperator", "KubernetesClient", serviceLifecycle, logging, argumentParser],
      swiftSettings: settings),
    .target(
      name: "RollbackCommands",
      dependencies: ["RollbackCore", "KubernetesClient", "RollbackOperator", yams, logging],
      swiftSettings: settings),
    .executableTarget(
      name: "kubectl-rollback",
      dependencies: ["RollbackCommands", "KubernetesClient", argumentParser],
      swiftSettings: settings),
    .target(
      name: "LocalCluster",
      dependencies: [
        "KubernetesClient", nioCore, nioPosix, nioHTTP1, nioSSL, x509, asn1, crypto, yams, subprocess, logging,
      ],
      exclude: ["Scripts"],
      swiftSettings: settings),
    .executableTarget(
      name: "local-cluster",
      dependencies: ["LocalCluster", "KubernetesClient", argumentParser, logging, asyncAlgorithms, subprocess, system],
      swiftSettings: settings),
    .systemLibrary(name: "CMalloc"),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "LocalCluster", "KubernetesClient", "ControllerRuntime", "RollbackCore", "RollbackOperator", "CMalloc",
        argumentParser, logging,
      ],
      swiftSettings: settings),
    .target(
      name: "TestSupport",
      dependencies: ["RollbackCore", "KubernetesClient"],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    .target(
      name: "SimulatedCluster",
      dependencies: ["KubernetesClient", "LocalCluster"],
      path: "Tests/SimulatedCluster",
      swiftSettings: settings),
    .target(
      name: "Simulation",
      dependencies: [
        "SimulatedCluster", "LocalCluster", "RollbackOperator", "RollbackCore", "ControllerRuntime", "KubernetesClient",
        "CMalloc", logging, serviceLifecycle,
      ],
      path: "Tests/Simulation",
      swiftSettings: settings),
    .executableTarget(
      name: "simulate",
      dependencies: ["Simulation", "SimulatedCluster", argumentParser],
      path: "Tests/simulate",
      swiftSettings: settings),
    .target(
      name: "FuzzTargets",
      dependencies: ["KubernetesClient", "RollbackCore", "RollbackOperator"],
      path: "Tests/FuzzTargets",
      exclude: ["Corpus"],
      swiftSettings: settings),
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/fuzz", swiftSettings: settings),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "KubernetesClient", "RollbackCore", "RollbackOperator"],
      swiftSettings: settings),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Simulation", "SimulatedCluster", "LocalCluster", "KubernetesClient", "RollbackCore", "RollbackOperator",
        logging,
      ],
      swiftSettings: settings),
    .testTarget(name: "RollbackCoreTests", dependencies: ["RollbackCore", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "KubernetesClientTests",
      dependencies: [
        "KubernetesClient", "TestSupport", "FuzzTargets", nioCore, nioPosix, nioHTTP1, nioSSL, x509, asn1, crypto,
        logging,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ControllerRuntimeTests",
      dependencies: [
        "ControllerRuntime", "KubernetesClient", "TestSupport", logging, serviceLifecycle, metrics, metricsTestKit,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "RollbackOperatorTests",
      dependencies: [
        "RollbackOperator", "RollbackCore", "ControllerRuntime", "KubernetesClient", "TestSupport", logging, yams,
        metrics,
        coreMetrics, serviceLifecycle, asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, x509, asn1, crypto,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "RollbackCommandsTests",
      dependencies: [
        "RollbackCommands", "SimulatedCluster", "RollbackOperator", "RollbackCore", "KubernetesClient", "TestSupport",
        yams, logging,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "LocalClusterTests",
      dependencies: ["LocalCluster", "KubernetesClient", subprocess, logging],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "LocalCluster", "SimulatedCluster", "KubernetesClient", "RollbackOperator", "RollbackCore", subprocess, logging,
        nioCore, nioPosix, nioHTTP1, nioSSL,
      ],
      swiftSettings: settings),
    .testTarget(name: "TidyTests", swiftSettings: settings),
  ]
)
