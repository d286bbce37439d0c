// swift-tools-version: 6.2
import PackageDescription

// The site of all modules: `make docs`. A package of its own, so that nobody who builds or tests the library pays for it.
let rooms = [
  "Torch", "Configuration", "Probability", "Networks", "Inference", "Datasets", "Generative", "Training", "Evaluation",
  "Figures", "Systems", "Runs", "Watch", "Reproductions",
]

let package = Package(
  name: "Helmholtz reference",
  platforms: [.macOS(.v14)],
  dependencies: [
    .package(name: "Helmholtz", path: ".."),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"),
  ],
  targets: [
    .target(name: "Helmholtz", dependencies: rooms.map { .product(name: $0, package: "Helmholtz") })
  ],
  swiftLanguageModes: [.v6])
