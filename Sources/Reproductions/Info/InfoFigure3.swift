import Evaluation
import Figures

extension Experiment {
  /// Five regularizers over the length of the code, by five measures.
  static let infoFigure3 = Experiment(
    name: "info/figure-3",
    summary: "MMD, log det of the covariance, class distribution, convergence and SVM error over latent dimensions",
    notes: Info.notes + " cpu: 5 epochs of 2,500 images under 3 layers.",
    cells: { scale in
      let dimensions = scale == .smoke ? [2, 5] : Info.dimensions
      return dimensions.flatMap { dimension in
        Info.systems.map { system in
          Cell(
            "\(system.name)/\(dimension)", Info.manySettings(system.name, dimensions: dimension, scale),
            metrics: [
              .priorMMD, .logDetCovariance, .classCrossEntropy, .probe(.svm, labels: scale == .smoke ? 100 : 1000),
            ],
            trajectory: dimension == (scale == .smoke ? 5 : 10) ? [.priorMMD] : [], limit: Info.limit(scale))
        }
      }
    },
    claims: [
      Claim("SVM error of MMD codes is far below the ELBO's at 10 dimensions.") { results in
        let names = ["vae/10", "mmd-vae/10"]
        guard let found = results.values("probe:svm:1000", of: names) else { return nil }
        return (found, found["mmd-vae/10"]! < 0.5 * found["vae/10"]!)
      },
      Claim("Stein underestimates the codes' covariance with growing dimension.") { results in
        let names = ["stein-vae/5", "stein-vae/80"]
        guard let found = results.values("logdet", of: names) else { return nil }
        return (found, found["stein-vae/80"]! < found["stein-vae/5"]!)
      },
      Claim("MMD matches the prior best, but for the ELBO, at 10 dimensions.") { results in
        let names = ["mmd-vae/10", "stein-vae/10", "aae/10", "ae/10"]
        guard let found = results.values("mmd-prior", of: names) else { return nil }
        return (found, names.dropFirst().allSatisfy { found["mmd-vae/10"]! < found[$0]! })
      },
    ],
    charts: { results in
      func chart(_ title: String, _ metric: String, _ unit: String? = nil) -> any Chart {
        LineChart(
          title: title, x: Axis("latent dimensions", scale: .logarithmic), y: Axis(title, unit: unit),
          series: Info.systems.map { system in
            let points = results.cells.filter { $0.name.hasPrefix(system.name + "/") }
              .compactMap { cell in cell.numbers[metric].map { (Double(cell.name.split(separator: "/")[1])!, $0.value) }
              }
            return .init(system.label, x: points.map(\.0), y: points.map(\.1), marksPoints: true)
          })
      }
      let svm = results.cells.first?.numbers.keys.first { $0.hasPrefix("probe:svm") } ?? "probe:svm:1000"
      return [
        ("mmd", chart("MMD to the prior", "mmd-prior")), ("logdet", chart("log det covariance / d", "logdet")),
        ("class-ce", chart("class cross entropy", "class-ce", "nats")), ("svm", chart("SVM error", svm)),
        (
          "convergence",
          LineChart(
            title: "Convergence", x: Axis("step"), y: Axis("MMD to the prior"),
            series: Info.systems.compactMap { system in
              guard
                let cell = results.cells.first(where: {
                  $0.name.hasPrefix(system.name + "/") && !$0.trajectorySteps.isEmpty
                })
              else { return nil }
              return .init(
                system.label, x: cell.trajectorySteps.map(Double.init),
                y: (cell.trajectory["mmd-prior"] ?? []).map(\.value), marksPoints: true)
            })
        ),
      ]
    })
}
