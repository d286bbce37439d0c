import Foundation

@testable import Figures

/// Figures such as a run makes, with awkward names, for the tests that look at all of them.
enum Examples {
  static let steps = (0..<200).map { Double($0) * 250 }

  /// A generator that gives the same numbers in every run.
  struct Noise {
    var state: UInt64 = 1

    mutating func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }

    mutating func normal() -> Double {
      (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }
  }

  static var bound: LineChart {
    var noise = Noise()
    func curve(_ end: Double) -> [Double] {
      steps.map { end - 110 * exp(-$0 / 4000) + 0.6 * noise.normal() }
    }
    return LineChart(
      title: "Evidence lower bound", x: Axis("step"), y: Axis("ELBO", unit: "nats"),
      series: [
        .init("train", x: steps, y: curve(-92), deviation: steps.map { 8 * exp(-$0 / 9000) + 1 }),
        .init("test", x: steps, y: curve(-95)),
        .init(
          "AIS estimate <of log p(x)>", x: [0, 49_750], y: [-88.3, -88.3], isDashed: true),
      ])
  }

  static var losses: LineChart {
    var noise = Noise()
    return LineChart(
      title: "Losses of both players", x: Axis("step"),
      y: Axis("loss", unit: "nats", scale: .logarithmic),
      series: [
        .init("critic", x: steps, y: steps.map { exp(-$0 / 8000 + 0.2 * noise.normal()) * 4 }),
        .init(
          "generator", x: steps,
          y: steps.map {
            (20_000..<24_000).contains($0) ? .nan : 0.03 + exp(-$0 / 3000 + 0.3 * noise.normal())
          }),
      ])
  }

  static var codes: ScatterPlot {
    var noise = Noise()
    let labels = (0..<3000).map { $0 % 10 }
    let points = labels.map { label -> (x: Double, y: Double) in
      let angle = Double(label) / 10 * 2 * .pi
      return (2 * cos(angle) + 0.45 * noise.normal(), 2 * sin(angle) + 0.45 * noise.normal())
    }
    return ScatterPlot(
      title: "Codes of the test set", x: "z₁", y: "z₂", points: points, labels: labels,
      names: (0..<10).map(String.init))
  }

  static var posteriors: BoxPlot {
    var noise = Noise()
    let schools = ["A", "B", "C", "D", "E", "F", "G & \"H\""]
    return BoxPlot(
      title: "Posterior of the treatment effects", axis: Axis("effect", unit: "points"),
      groups: schools.enumerated().map { index, name in
        .init(
          "school \(name)",
          values: (0..<400).map { _ in Double(12 - 2 * index) + 6 * noise.normal() })
      }, reference: 0)
  }

  static var density: ContourPlot {
    var noise = Noise()
    let field = ScalarField(x: -4...4, y: -4...4, columns: 80, rows: 80) { x, y in
      let radius = (x * x + y * y).squareRoot()
      return exp(-2 * (radius - 2) * (radius - 2)) / 7.9 * (1 + 0.6 * sin(3 * atan2(y, x)))
    }
    return ContourPlot(
      title: "Density of the posterior", x: "z₁", y: "z₂", field: field,
      value: Axis("q(z | x)"),
      points: (0..<60).map { _ in (2 * noise.normal() / 2, 2 * noise.normal() / 2) })
  }

  static var energy: ContourPlot {
    ContourPlot(
      title: "Banana energy", x: "x", y: "y",
      field: ScalarField(x: -2...2, y: -1...3) { x, y in
        (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x)
      },
      value: Axis("U", unit: "nats", range: 0...100), layers: .lines)
  }

  /// Two modes of a coordinate, and another that bends with it.
  static var corner: CornerPlot {
    var noise = Noise()
    func columns(_ spread: Double) -> [[Double]] {
      let a = (0..<1500).map { ($0.isMultiple(of: 2) ? 1 : -1) * 1.2 + 0.4 * spread * noise.normal() }
      let b = a.map { $0 * $0 / 2 + 0.3 * spread * noise.normal() }
      return [a, b, a.map { _ in 100 * noise.normal() }]
    }
    return CornerPlot(
      title: "Draws & \"reference\"", names: ["τ", "η₁ <b>", "size"], draws: .init("avb-ac", columns(1)),
      reference: .init("exact", columns(1.1)))
  }

  /// Two sheets in space, one of which is bent.
  static var sheets: ScatterPlot3D {
    var noise = Noise()
    func group(_ name: String, _ bend: Double) -> ScatterPlot3D.Group {
      .init(
        name,
        points: (0..<900).map { _ in
          let (x, y) = (4 * noise.uniform() - 2, 2 * noise.uniform() - 1)
          return (x, y, bend * x * x + 0.05 * noise.normal())
        })
    }
    return ScatterPlot3D(
      title: "Samples & \"data\"", x: Axis("x₁", unit: "m"), y: "x₂", z: "x₃ <b>",
      groups: [group("data", 0.5), group("model", -0.2)])
  }

  /// A roll coloured by how far along it a point is.
  static var roll: ScatterPlot3D {
    var noise = Noise()
    let angles = (0..<1500).map { _ in 1.5 * Double.pi * (1 + 2 * noise.uniform()) }
    return ScatterPlot3D(
      title: "A roll", x: "x1", y: "x2", z: "x3",
      points: angles.map { ($0 * cos($0) / 5, 4 * noise.uniform() - 2, $0 * sin($0) / 5) }, factor: angles,
      Axis("angle"))
  }

  static var charts: [any Chart] { [bound, losses, codes, posteriors, density, energy, corner, sheets, roll] }

  static func digit(_ index: Int, channels: Int = 1) -> PixelImage {
    var image = PixelImage(width: 28, height: 28, channels: channels, filledWith: 0)
    for row in 0..<28 {
      for column in 0..<28 {
        let radius = (pow(Double(row) - 13.5, 2) + pow(Double(column) - 13.5, 2)).squareRoot()
        let ink = max(0, 1 - abs(radius - 4 - Double(index % 7)) / 2.5)
        for channel in 0..<channels {
          image[row, column, channel] = UInt8(255 * ink / Double(1 + channel * (index % 3)))
        }
      }
    }
    return image
  }

  static var report: Report {
    Report(
      title: "VAE on binary digits & <others>",
      subtitle: [
        "helmholtz train vae --data mnist --set latent=2", "seed 1, 100 epochs, 1 h 12 min",
      ],
      summary: [
        .init("test ELBO", "−94.87 ± 0.12 nats", note: "10,000 examples, one sample each"),
        .init(
          "log p(x) by annealed importance sampling", "−88.30 nats", note: "1,000 temperatures"),
        .init("active latent dimensions", "2 of 2"),
      ],
      sections: [
        .init(
          "Training",
          [
            .paragraph("The bound rises for 40,000 steps and then stays; train and test agree."),
            .figures([
              Figure(bound, caption: "Bound over steps; the band is one standard deviation."),
              Figure(
                losses, caption: "Losses of both players. The gap is a pause of the generator."),
            ]),
          ]),
        .init(
          "Latent space",
          [
            .figures([
              Figure(codes, caption: "Means of q(z|x), coloured by class."),
              Figure(density, caption: "Density of one posterior, with samples."),
            ]),
            .figures([Figure(posteriors, caption: "Posterior samples; boxes hold the middle half.")]
            ),
            .figures([Figure(energy, caption: "Lines of equal energy.")]),
          ]),
        .init(
          "Samples",
          [
            .figures([
              Figure(ImageGrid((0..<64).map { digit($0) }), caption: "64 samples."),
              Figure(
                ImageGrid(
                  originals: (0..<24).map { digit($0, channels: 3) },
                  reconstructions: (0..<24).map { digit($0, channels: 3) }),
                caption: "Originals, each with its reconstruction at its right."),
            ])
          ]),
        .init(
          "Numbers",
          [
            .table(
              DataTable(
                header: ["model", "ELBO (nats)", "KL (nats)", "active"],
                rows: [
                  ["VAE", "−94.87", "21.3", "2"], ["AVB + AC", "−93.20", "22.9", "2"],
                  ["MMD-VAE", "–", "0.021", "2"],
                ], caption: "Test set, mean of 3 seeds.")),
            .facts([
              Fact("seed", "1"), Fact("device", "CPU, 2 threads"),
              Fact("weights", "checkpoints/step-50000.safetensors"),
            ]),
          ]),
        .init(
          "Configuration",
          [.preformatted("model: vae\nlatent: 2\nlikelihood: bernoulli  # <-- & \"quoted\"\n")]),
      ])
  }
}
