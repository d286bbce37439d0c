// swift-tools-version: 6.2
import Foundation
import PackageDescription

// libtorch is looked for in $LIBTORCH, then beside this manifest, then in the user's cache.
// `make setup` puts it into .deps/libtorch.
let libtorch: String = {
  let environment = ProcessInfo.processInfo.environment
  let candidates = [
    environment["LIBTORCH"],
    Context.packageDirectory + "/.deps/libtorch",
    environment["HOME"].map { $0 + "/.cache/libtorch" },
  ].compactMap(\.self)
  return candidates.first { FileManager.default.fileExists(atPath: $0 + "/include/ATen") }
    ?? candidates[0]
}()

/// Where Homebrew keeps libsvm, which is not a place compilers look in; nil on Linux, where they do.
let libsvm = ["/opt/homebrew/opt/libsvm", "/usr/local/opt/libsvm"]
  .first { FileManager.default.fileExists(atPath: $0 + "/include/svm.h") }

let swiftSettings: [SwiftSetting] =
  [.swiftLanguageMode(.v6)] + (libsvm.map { [.unsafeFlags(["-Xcc", "-I" + $0 + "/include"])] } ?? [])

/// A room of the house: a library target and the rooms below it.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    resources: resources,
    swiftSettings: swiftSettings)
}

let rooms = [
  "Torch", "Configuration", "Probability", "Networks", "Inference", "Datasets", "Generative", "Training", "Evaluation",
  "Figures", "Systems", "Runs", "Watch", "Reproductions",
]

let package = Package(
  name: "Helmholtz",
  platforms: [.macOS(.v14)],
  products: rooms.map { .library(name: $0, targets: [$0]) } + [
    .executable(name: "helmholtz", targets: ["helmholtz"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .target(
      name: "CTorch",
      exclude: ["README.md"],
      cxxSettings: [
        .headerSearchPath("."),
        .unsafeFlags([
          "-isystem", libtorch + "/include",
          "-isystem", libtorch + "/include/torch/csrc/api/include",
        ]),
      ],
      linkerSettings: [
        .linkedLibrary("torch_cpu"), .linkedLibrary("c10"), .linkedLibrary("m"),
        .unsafeFlags(["-L" + libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib"]),
      ]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // SHA-256 on Linux; macOS has CryptoKit.
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    // It comes without a description for pkg-config.
    .systemLibrary(name: "CSVM", providers: [.apt(["libsvm-dev"]), .brew(["libsvm"])]),
    .target(name: "CImage", dependencies: ["CPNG", "CJPEG"]),
    room("Torch", ["CTorch"]),
    room("Configuration", ["Yams"]),
    room("Probability", ["Torch"]),
    room("Networks", ["Probability"]),
    room("Inference", ["Probability"]),
    room(
      "Datasets",
      ["Torch", "Configuration", "CZlib", "CImage", .target(name: "COpenSSL", condition: .when(platforms: [.linux]))]),
    room("Generative", ["Networks", "Datasets", "Inference"]),
    room("Training", ["Generative"]),
    .target(
      name: "Evaluation", dependencies: ["Generative", "Inference", "CSVM"], swiftSettings: swiftSettings,
      linkerSettings: libsvm.map { [.unsafeFlags(["-L" + $0 + "/lib"])] } ?? []),
    room(
      "Figures", ["Torch", "CPNG", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["Events/event.proto"]),
    room("Systems", ["Configuration", "Training", "Evaluation"]),
    room("Runs", ["Systems", "Figures"]),
    room("Watch", ["Runs", .product(name: "FlyingFox", package: "FlyingFox")]),
    room("Reproductions", ["Runs"]),
    .executableTarget(
      name: "helmholtz",
      dependencies: [
        "Reproductions", "Watch", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "TestSupport", dependencies: ["Torch"], path: "Tests/TestSupport",
      swiftSettings: swiftSettings),
    tests("Torch"),
    tests("Probability"),
    tests("Networks"),
    tests("Inference", resources: [.copy("Fixtures")]),
    tests("Datasets", resources: [.copy("Fixtures")]),
    tests("Generative"),
    tests("Training"),
    tests("Evaluation", resources: [.copy("Fixtures")]),
    tests("Figures"),
    tests("Configuration"),
    tests("Systems"),
    tests("Runs"),
    tests("Watch"),
    tests("Reproductions"),
    .testTarget(
      name: "CommandTests", dependencies: ["helmholtz", "TestSupport"],
      swiftSettings: swiftSettings),
  ],
  cxxLanguageStandard: .cxx20)
