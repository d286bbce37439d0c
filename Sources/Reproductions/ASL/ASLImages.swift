import Evaluation
import Systems

extension Experiment {
  /// Maps of the codes of two encoders.
  static let aslFigure4 = Experiment(
    name: "asl/figure-4", summary: "t-SNE of codes of Fashion-MNIST under a VAE's and an MI encoder",
    notes: ASL.imageNotes
      + " Error of a vote of five neighbours among draws of codes, and on the map of 5,000 test codes. figures/map.svg of each cell.",
    cells: { scale in
      ["vae", "mi"].map { encoder in
        Cell(
          encoder, ASL.images(encoder, "fashion-mnist", scale),
          metrics: [.probe(.knn, labels: nil, codes: .draws), .mapProbe], limit: ASL.limit(scale), drawings: [.codeMap])
      }
    },
    claims: { _ in
      let (codes, map) = (Measure(.probe(.knn, labels: nil, codes: .draws)), Measure(.mapProbe))
      return [
        Claim("MI codes tell the classes better than a VAE's codes.", codes("mi") < codes("vae")),
        Claim("So do their maps.", map("mi") < map("vae")),
      ]
    })

  /// Reconstructions through both encoders.
  static let aslFigure5 = Experiment(
    name: "asl/figure-5", summary: "reconstructions of Fashion-MNIST by VAE-ASL and MI-ASL",
    notes: ASL.imageNotes
      + " Sharpness is the energy of the Laplacian as a share of the data's. figures/reconstructions.png of each cell.",
    cells: { scale in
      ["vae-asl", "mi-asl"].map { system in
        Cell(
          system, ASL.images(system, "fashion-mnist", scale), metrics: [.squaredError, .sharpness],
          limit: ASL.limit(scale), drawings: [.reconstructions])
      }
    },
    claims: { _ in
      let (error, sharpness) = (Measure(.squaredError), Measure(.sharpness))
      return [
        Claim("MI-ASL's reconstructions have sharper edges.", sharpness("mi-asl") > sharpness("vae-asl")),
        Claim("They keep more of the image.", error("mi-asl") < error("vae-asl")),
      ]
    })

  /// Samples of four systems.
  static let aslFigure6 = samples("asl/figure-6", "fashion-mnist", "Fashion-MNIST")
  /// Samples of four systems.
  static let aslFigure9 = samples("asl/figure-9", "cifar-10", "CIFAR-10")

  private static func samples(_ name: String, _ data: String, _ title: String) -> Experiment {
    Experiment(
      name: name, summary: "samples of four systems, \(title)",
      notes: ASL.imageNotes + " figures/samples.png of each cell.",
      cells: { scale in
        ASL.systems.map { Cell($0, ASL.images($0, data, scale), metrics: [.sampleSharpness], limit: ASL.limit(scale)) }
      },
      claims: { _ in
        let sharpness = Measure(.sampleSharpness)
        return [
          Claim(
            "A VAE's samples are blurry beside those of both forms of ASL (here: less of the data's Laplacian energy).",
            sharpness("vae") < sharpness("vae-asl") && sharpness("vae") < sharpness("mi-asl"))
        ]
      })
  }

  /// FID of four systems on two data sets.
  static let aslTable1 = Experiment(
    name: "asl/table-1", summary: "FID of VAE, two-stage VAE, VAE-ASL and MI-ASL",
    notes: ASL.imageNotes,
    seeds: [.paper: 10],
    cells: { scale in
      (scale == .smoke ? ["fashion-mnist"] : ["fashion-mnist", "cifar-10"]).flatMap { data in
        ASL.systems.map { system in
          Cell(
            "\(system)/\(data)", ASL.images(system, data, scale),
            metrics: [.frechetDistance] + (system == "vae" ? [.frechetFloor] : []), limit: ASL.limit(scale),
            isOptional: data == "cifar-10")
        }
      }
    },
    claims: { _ in
      let fid = Measure(
        .frechetDistance,
        paper: [
          "vae/fashion-mnist": 47.19, "two-stage-vae/fashion-mnist": 43.88, "vae-asl/fashion-mnist": 38.39,
          "mi-asl/fashion-mnist": 26.0, "vae/cifar-10": 99.34, "two-stage-vae/cifar-10": 89.91,
          "vae-asl/cifar-10": 86.51,
          "mi-asl/cifar-10": 87.19,
        ])
      func order(_ data: String, _ systems: [String]) -> Statement {
        .all(zip(systems, systems.dropFirst()).map { fid("\($0)/\(data)") < fid("\($1)/\(data)") })
      }
      return [
        Claim(
          "On Fashion-MNIST MI-ASL is best, then VAE-ASL, two-stage VAE, VAE.",
          order("fashion-mnist", ["mi-asl", "vae-asl", "two-stage-vae", "vae"])),
        Claim(
          "On CIFAR-10 VAE-ASL is best, then MI-ASL, two-stage VAE, VAE.",
          order("cifar-10", ["vae-asl", "mi-asl", "two-stage-vae", "vae"])),
      ]
    })
}
