import Datasets
import Torch

extension Metric {
  /// The share of a data set's modes that samples find, and the share of samples near a mode; higher is better.
  ///
  /// A sample is near a mode within 3 standard deviations of its centre, and a mode is found by one such sample. Where
  /// the data are zeros and ones, samples are rounded first. A perfect model of two-dimensional Gaussians has
  /// 1 - e^-4.5 = 98.9 % of its samples near one. Srivastava et al. 2017 (VEEGAN) and Lin et al. 2018 (PacGAN), with their
  /// 2,500 samples.
  public static let modes = Metric("modes", unit: "1", needs: .samples) { model, subject, rng in
    let known = DataCatalog.entries.map(\.info).filter { $0.modes != nil }
    guard let info = known.first(where: { $0.name == subject.dataName }), let modes = info.modes else {
      throw MetricError(
        "modes: expected data whose modes are known (\(known.map(\.name).joined(separator: ", "))), "
          + "got \(subject.dataName)")
    }
    let count = subject.options.samples ?? standardCount
    let drawn = subject.intensities(subject.drawn(from: model, count, as: .draws, using: rng))
    let found = nearness(drawn, modes, isBinary: info.isBinary)
    let conventions: [(key: String, value: Convention)] = [
      ("modes", .count(modes.centres.count)), ("near", .text(info.isBinary ? "equal, rounded" : "within 3 deviations")),
      ("deviation", .number(modes.deviation)), ("rarest_mode", .number(found.perMode.min() ?? 0)),
      ("samples", .text("draws of p(x)")),
    ]
    let hits = found.perMode.count { $0 > 0 }
    return [
      Finding(part: "modes:found", Double(hits) / Double(modes.centres.count), count: count, conventions),
      Finding(
        part: "modes:near", found.near, standardError: (found.near * (1 - found.near) / Double(count)).squareRoot(),
        count: count, conventions),
    ]
  }

  /// Samples unless the options say how many.
  private static let standardCount = 2500
  /// How many deviations are near.
  private static let reach = 3.0

  /// The share of samples `[n] + shape` that are near a mode, and the share near each.
  static func nearness(_ samples: Tensor, _ modes: KnownModes, isBinary: Bool) -> (near: Double, perMode: [Double]) {
    let flat = samples.to(.float64).flattened(from: 1)  // [n, d]
    let x = isBinary ? (flat .> 0.5).to(.float64) : flat
    let centres = Tensor(modes.centres.flatMap(\.self)).reshaped([1, modes.centres.count, -1])
    let distance = (x.unsqueezed(1) - centres).square().sum(-1).sqrt()  // [n, modes]
    let isNear = (distance .<= reach * modes.deviation).to(.float64)
    return (isNear.max(-1).mean().item(), isNear.mean(0).array())
  }
}

extension MetricForm {
  static let modes = MetricForm(.modes, "share of known modes that samples find, and of samples near one")
}
