// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "schedulerd",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "schedulerd", targets: ["schedulerd"]),
        .library(name: "Scheduler", targets: ["Scheduler"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.0.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CMariaDB", pkgConfig: "libmariadb", providers: [.apt(["libmariadb-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),  // from libre2-dev

        .executableTarget(name: "embed-files"),
        .plugin(name: "EmbedFiles", capability: .buildTool(), dependencies: ["embed-files"]),

        .target(name: "ThreadPool", swiftSettings: settings),
        .target(name: "MySQL", dependencies: ["CMariaDB", "ThreadPool"], swiftSettings: settings),
        .target(name: "Redis", dependencies: ["CHiredis", "ThreadPool"], swiftSettings: settings),
        .target(name: "Transfer", dependencies: ["CCurl"], swiftSettings: settings),
        .target(name: "Digests", dependencies: ["CCrypto"], swiftSettings: settings),
        .target(name: "Patterns", dependencies: ["CRE2"], swiftSettings: settings),
        .target(name: "Migrations", dependencies: ["MySQL"], swiftSettings: settings, plugins: ["EmbedFiles"]),
        .target(
            name: "Accounts", dependencies: ["CCrypt", "Digests", "MySQL", "Redis", "ThreadPool"],
            swiftSettings: settings),
        .target(
            name: "Scheduler",
            dependencies: [
                "CZlib", "Digests", "MySQL", "Patterns", "Redis", "ThreadPool", "Transfer",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Importer",
            dependencies: [
                "Accounts", "MySQL", "Redis", "Scheduler", "ThreadPool",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "Web",
            dependencies: [
                "Accounts", "Digests", "MySQL", "Redis", "Scheduler", "Transfer",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["API/OpenAPI", "Admin/Assets", "Admin/Templates", "Admin/Texts"],
            swiftSettings: settings,
            plugins: ["EmbedFiles"]
        ),
        .executableTarget(
            name: "schedulerd",
            dependencies: [
                "Accounts", "Importer", "Migrations", "MySQL", "Redis", "Scheduler", "ThreadPool", "Transfer", "Web",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings,
            plugins: ["EmbedFiles"]
        ),

        .target(
            name: "TestSupport", dependencies: ["Migrations", "MySQL", "Redis", "Scheduler"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .target(
            name: "Simulation",
            dependencies: ["MySQL", "Scheduler", "Transfer", .product(name: "Logging", package: "swift-log")],
            path: "Tests/Simulation", swiftSettings: settings),
        .executableTarget(
            name: "simulate",
            dependencies: ["Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/simulate", swiftSettings: settings),
        .executableTarget(
            name: "measure", dependencies: ["MySQL", "Scheduler", "Transfer"], path: "Tests/measure",
            exclude: ["thresholds"], swiftSettings: settings),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "TestSupport"], swiftSettings: settings),

        .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: settings),
        .testTarget(name: "PatternsTests", dependencies: ["Patterns"], swiftSettings: settings),
        .testTarget(name: "MySQLTests", dependencies: ["MySQL"], swiftSettings: settings),
        .testTarget(
            name: "AccountsTests", dependencies: ["Accounts", "MySQL", "Redis", "TestSupport", "ThreadPool"],
            swiftSettings: settings),
        .testTarget(name: "ImporterTests", dependencies: ["Importer", "MySQL", "Scheduler"], swiftSettings: settings),
        .testTarget(name: "ThreadPoolTests", dependencies: ["ThreadPool"], swiftSettings: settings),
        .testTarget(name: "RedisTests", dependencies: ["Redis", "TestSupport", "ThreadPool"], swiftSettings: settings),
        .testTarget(name: "TransferTests", dependencies: ["TestSupport", "Transfer"], swiftSettings: settings),
        .testTarget(
            name: "SchedulerTests", dependencies: ["MySQL", "Scheduler", "Transfer"], swiftSettings: settings),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Accounts", "MySQL", "Scheduler", "ThreadPool", "Transfer", "Web",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "schedulerdTests",
            dependencies: [
                "MySQL", "Redis", "Scheduler", "TestSupport", "Web", "schedulerd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Accounts", "Importer", "Migrations", "MySQL", "Redis", "Scheduler", "Simulation", "TestSupport",
                "ThreadPool", "Transfer", "schedulerd",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Producers/php"],
            swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
