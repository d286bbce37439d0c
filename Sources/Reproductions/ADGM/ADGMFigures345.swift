import Evaluation
import Figures

extension Experiment {
  /// Style and class apart: analogies, and samples of every class.
  static let adgmFigure3 = Experiment(
    name: "adgm/figure-3", summary: "the SDGM's analogies of test images, and its samples of every class",
    notes: ADGM.notes + " figures/analogies.png is (a), figures/classes.png (b).",
    cells: { scale in
      [
        Cell(
          "sdgm", ADGM.settings("sdgm", scale), metrics: [.classificationError], limit: ADGM.limit(scale),
          drawings: [.samples, .analogies])
      ]
    })

  /// What the units of `a` and `z` tell, and the plane of the principal components of `a`.
  static let adgmFigure4 = Experiment(
    name: "adgm/figure-4", summary: "KL of every unit of the SDGM's `a` and `z`, and principal components of `a`",
    notes: ADGM.notes + " figures/units.svg is (a), figures/auxiliary.svg (b).",
    cells: { scale in
      [
        Cell(
          "sdgm", ADGM.settings("sdgm", scale), metrics: [.classificationError, .activeUnits],
          limit: ADGM.limit(scale), drawings: [.unitInformation, .auxiliaryPlane])
      ]
    },
    claims: { _ in
      let active = Measure(.activeUnits, paper: ["sdgm": 20])
      return [
        Claim(
          "About 20 of the 100 units of `z` are clearly active (here: 10 to 30).", active.isAsInPaper(within: 10),
          needsPaperBudget: true)
      ]
    })

  /// The error over training with a stochastic, a deterministic and no auxiliary variable.
  static let adgmFigure5 = Experiment(
    name: "adgm/figure-5",
    summary: "error over training of SDGM, ADGM, M2 and an ADGM with a deterministic auxiliary variable",
    notes: ADGM.notes + " The error every 10 epochs, every 3 at scale cpu.",
    cells: { scale in
      names.map { name in
        Cell(
          name, ADGM.settings(name, scale), metrics: [.classificationError],
          trajectory: [.classificationError], limit: ADGM.limit(scale))
      }
    },
    claims: { _ in
      let error = Measure(.classificationError)
      return [
        Claim("The ADGM does better than M2.", error("adgm") < error("m2")),
        Claim(
          "The ADGM does better than the ADGM with a deterministic auxiliary variable.",
          error("adgm") < error("deterministic")),
        Claim(
          "The SDGM does close to as well as the ADGM (here: within half of its error).",
          error("sdgm") < 1.5 * error("adgm")),
      ]
    },
    charts: { [("error", ADGM.errors($0))] })

  private static let names = ["sdgm", "adgm", "m2", "deterministic"]
}
