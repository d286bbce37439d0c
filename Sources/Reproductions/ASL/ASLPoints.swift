import Evaluation
import Figures
import Systems

extension Experiment {
  /// True points and those of ASL.
  static let aslFigure2 = Experiment(
    name: "asl/figure-2", summary: "six synthetic sets: true points and samples of ASL",
    notes: ASL.pointNotes + " figures/data.svg and figures/points.svg of each cell.",
    cells: { scale in
      ASL.pointSets(scale).map { set in
        Cell("asl/\(set)", ASL.points("asl", set, scale), metrics: [], limit: ASL.limit(scale), drawings: [.points])
      }
    })

  /// Samples of its rivals.
  static let aslFigure8 = Experiment(
    name: "asl/figure-8", summary: "six synthetic sets: samples of a VAE and of a normalizing flow",
    notes: ASL.pointNotes + " figures/points.svg of each cell.",
    cells: { scale in
      ["vae", "flow"].flatMap { system in
        ASL.pointSets(scale).map { set in
          Cell(
            "\(system)/\(set)", ASL.points(system, set, scale), metrics: [], limit: ASL.limit(scale),
            drawings: [.points])
        }
      }
    })

  /// Distances of three models to six sets.
  static let aslFigure3 = Experiment(
    name: "asl/figure-3", summary: "six synthetic sets: exact 1-Wasserstein distance of samples to data, three models",
    notes: ASL.pointNotes
      + " 2,000 samples against 2,000 fresh points, over 30 repeats (10 at cpu) with data, weights and draws of their own; the floor is "
      + "the distance of 2,000 of the 10,000 training points, drawn at random, to the same fresh ones.",
    seeds: [.cpu: 10, .paper: 30],
    cells: { scale in
      systems.flatMap { system in
        ASL.pointSets(scale).map { set in
          Cell(
            "\(system)/\(set)", ASL.points(system, set, scale),
            metrics: system == "asl" ? [.wasserstein, .wassersteinFloor] : [.wasserstein],
            limit: scale == .smoke ? 100 : 2000, drawings: [.points])
        }
      }
    },
    claims: { scale in
      let distance = Measure(.wasserstein)
      return ASL.pointSets(scale).map { set in
        Claim(
          "ASL's samples are nearer to \(set) than a VAE's and a flow's (here: by medians).",
          (distance("asl/\(set)") < distance("vae/\(set)") && distance("asl/\(set)") < distance("flow/\(set)"))
            .ofMedians)
      }
    },
    charts: { results in
      let sets = Set(results.cells.compactMap { $0.name.split(separator: "/").last.map(String.init) })
      return ASL.pointSets.filter(sets.contains).map { set in
        func values(_ cell: String, _ metric: Metric) -> [Double] {
          results.cells.filter { $0.name == cell }.compactMap { $0.numbers[metric.name]?.value }
        }
        let groups =
          systems.map { BoxPlot.Group($0, values: values("\($0)/\(set)", .wasserstein)) }
          + [BoxPlot.Group("two true sets", values: values("asl/\(set)", .wassersteinFloor))]
        return (set, BoxPlot(title: set, axis: Axis("1-Wasserstein distance"), groups: groups))
      }
    })

  private static let systems = ["asl", "vae", "flow"]
}
