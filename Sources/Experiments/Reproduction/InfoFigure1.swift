import Evaluation
import Figures

extension Experiment {
  /// Mutual information over training, with and without a regularizer.
  static let infoFigure1 = Experiment(
    name: "info/figure-1",
    summary: "mutual information of image and code over training: ELBO, no regularizer, MMD",
    notes: Info.notes
      + " The paper's point is about a decoder that needs no code; with this one the ELBO keeps information, too.",
    cells: { scale in
      ["vae", "ae", "mmd-vae"].map { system in
        Cell(
          system, Info.settings(system, dimensions: 10, scale), metrics: [.mutualInformation, .reconstruction],
          trajectory: [.mutualInformation, .reconstruction], limit: Info.limit(scale))
      }
    },
    claims: [
      Claim("Without a regularizer the information is larger than under the ELBO.") { results in
        guard let found = results.values("mi", of: ["vae", "ae", "mmd-vae"]) else { return nil }
        return (found, found["ae"]! > found["vae"]!)
      }
    ],
    charts: { results in
      func chart(_ title: String, _ metric: String) -> any Chart {
        LineChart(
          title: title, x: Axis("step"), y: Axis(title, unit: "nats"),
          series: results.cells.map { cell in
            .init(
              cell.name, x: cell.trajectorySteps.map(Double.init), y: (cell.trajectory[metric] ?? []).map(\.value),
              marksPoints: true)
          })
      }
      return [("information", chart("Mutual information", "mi")), ("reconstruction", chart("Reconstruction", "reconstruction"))]
    })
}
