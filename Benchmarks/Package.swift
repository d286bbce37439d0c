// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v14)],
  dependencies: [
    .package(name: "Helmholtz", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        .product(name: "Training", package: "Helmholtz"),
        .product(name: "Generative", package: "Helmholtz"),
        .product(name: "Networks", package: "Helmholtz"),
        .product(name: "Inference", package: "Helmholtz"),
        .product(name: "Evaluation", package: "Helmholtz"),
        .product(name: "Probability", package: "Helmholtz"),
        .product(name: "Datasets", package: "Helmholtz"),
        .product(name: "Figures", package: "Helmholtz"),
        .product(name: "Torch", package: "Helmholtz"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ])
  ],
  swiftLanguageModes: [.v6])
