import Datasets
import Generative
import Torch

extension Metric {
  /// How much fine detail reconstructions have: the mean of their Laplacian energy over that of the examples. 1 is as sharp
  /// as the data, below 1 is blurred, above 1 noisier.
  public static let sharpness = Metric("sharpness", unit: "1", needs: .imageCodes) {
    model, subject, rng in
    let examples = try subject.codedExamples()
    var (made, data): ([Double], [Double]) = ([], [])
    for range in pairBlocks(examples.count, size: rowsAtOnce) {
      let x = try examples.batch(range, using: rng).x
      let again = withoutGradients { model.decode(model.encode(x, using: rng), as: .means, using: rng) }
      made += try laplacianEnergy(subject.intensities(again).clamped(0, 1)).array()
      data += try laplacianEnergy(subject.intensities(x).clamped(0, 1)).array()
      subject.progress("sharpness", range.upperBound, examples.count)
    }
    let ratio = try ratioOfMeans(made, data)
    // The residuals of the ratio, as both are of the same examples.
    let residuals = zip(made, data).map { $0 - ratio * $1 }
    let error = Estimate(residuals).standardError.map { $0 / mean(data) }
    return [
      finding(
        ratio, error, made, data,
        [("data", .text("examples as the model encodes them")), ("reconstructions", .text(model.portrayal))])
    ]
  }

  /// The same of samples, over that of the data's images as they are stored.
  public static let sampleSharpness = Metric("sharpness:samples", unit: "1", needs: .images) {
    model, subject, rng in
    let stored = DeviceExamples(try subject.images(), Preparation())
    var data: [Double] = []
    for range in pairBlocks(stored.count, size: rowsAtOnce) {
      data += try laplacianEnergy(stored.batch(range, using: rng).x).array()
    }
    let drawn = subject.samples(of: model, subject.sampleCount(stored.count), using: rng)
    let made: [Double] = try laplacianEnergy(drawn).array()
    let ratio = try ratioOfMeans(made, data)
    let errors = [made, data].map { values in Estimate(values).standardError.map { $0 / mean(values) } }
    let error = errors[0].flatMap { own in errors[1].map { ratio * (own * own + $0 * $0).squareRoot() } }
    return [
      finding(
        ratio, error, made, data,
        [
          ("data", .text("images as they are stored")), ("data_examples", .count(data.count)),
          ("samples", .text(model.portrayal)),
        ])
    ]
  }

  /// Images that are looked at at once.
  private static let rowsAtOnce = 500

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The ratio of the means.
  private static func ratioOfMeans(_ made: [Double], _ data: [Double]) throws -> Double {
    let energy = mean(data)
    guard energy > 0 else { throw MetricError("sharpness: expected data with some detail, got images that are flat") }
    return mean(made) / energy
  }

  private static func finding(
    _ ratio: Double, _ error: Double?, _ made: [Double], _ data: [Double],
    _ conventions: [(key: String, value: Convention)]
  ) -> Finding {
    Finding(
      ratio, standardError: error, count: made.count,
      [
        ("laplacian", .text("4 neighbours, squared, mean over pixels that have all four; pixels in [0, 1]")),
        ("energy", .number(mean(made))), ("data_energy", .number(mean(data))),
      ] + conventions)
  }
}

extension Capability where Model == any Encoder & Decoder {
  /// Codes of images, and images of codes.
  public static var imageCodes: Self {
    codesAndPrior.refined("an encoder and a decoder of images", lack: "reconstructs no images") {
      $0.exampleShape.count == 3 ? $0 : nil
    }
  }
}

extension MetricForm {
  static let sharpness = MetricForm(.sharpness, "fine detail of reconstructions, as a share of the data's")
  static let sampleSharpness = MetricForm(
    "sharpness:samples", "fine detail of samples, as a share of the data's", example: .sampleSharpness,
    advice: "sharpness:samples"
  ) { $0 == ["samples"] ? .sampleSharpness : nil }
}
