import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Runs
import Torch

/// A picture or a chart of a trained cell of an experiment.
public struct Drawing: Sendable {
  /// What is drawn, and where.
  struct Scene {
    let run: Run
    let test: DeviceExamples
    /// The directory of the figures.
    let figures: String
    let seed: UInt64

    /// A stream of its own for every drawing, so that one more changes no other.
    var rng: RandomSource { run.random(seed) }

    /// The first test examples, as many as there are up to `count`.
    func batch(_ count: Int) throws -> Batch { try test.batch(0..<min(count, test.count), using: rng) }

    func write(_ x: Tensor, columns: Int? = nil, to name: String) throws {
      let images = try Pictures.images(run.scaling.intensities(x))
      try (columns.map { ImageGrid(images, columns: $0) } ?? ImageGrid(images)).render()
        .write(to: URL(fileURLWithPath: "\(figures)/\(name).png"))
    }

    func write(_ chart: some Chart, to name: String) throws {
      try chart.write(to: URL(fileURLWithPath: "\(figures)/\(name).svg"))
    }
  }

  let draw: @Sendable (Scene) throws -> Void

  /// Images in a picture of samples.
  private static let shown = 64

  /// Ancestral samples, where examples are images: `samples.png`.
  public static let samples = Drawing { scene in
    guard Pictures.canShow(scene.run.facts.shape) else { return }
    let model = try scene.run.model(as: .samples)
    try scene.write(Pictures.samples(of: model, count: shown, using: scene.rng), to: "samples")
  }

  /// Paths between the codes of test images, a row for each pair: `interpolations.png`. Mescheder et al. 2017, Figure 10.
  static let interpolations = Drawing { scene in
    guard Pictures.canShow(scene.run.facts.shape) else { return }
    let pairs = min(pathRows, scene.test.count / 2)
    guard pairs > 0 else { return }
    let x = try scene.batch(2 * pairs).x
    let paths = try scene.run.interpolation(
      pairs, steps: pathSteps, path: .linear, of: x, seed: scene.seed)  // [pairs, steps] + shape
    try ImageGrid(try Pictures.images(paths.flattened(from: 0, to: 1)), columns: pathSteps).render()
      .write(to: URL(fileURLWithPath: "\(scene.figures)/interpolations.png"))
  }

  private static let pathRows = 8
  private static let pathSteps = 10

  /// Draws of q(z|x) in the plane by class, `codes.svg`, and which test example each place is decoded to, by the largest of
  /// p(x|z) among the first of every class, `division.svg`. Mescheder et al. 2017, Figure 6.
  static let latentPlane = Drawing { scene in
    let model = try scene.run.model(as: .likelihood)
    guard model.prior.dimension == 2, scene.test.labels != nil else { return }
    let codes = try Codes(model, scene.test, rows: Array(0..<min(codesInPlane, scene.test.count)), using: scene.rng)
    let labels = codes.labels!.array(Int64.self).map(Int.init)
    let classes = Set(labels).sorted()
    let names = (0...(classes.last ?? 0)).map { "x\($0 + 1)" }
    let points = codes.draws.array(Double.self)
    func plot(_ title: String, _ points: [(x: Double, y: Double)], _ labels: [Int], to name: String) throws {
      let range = -planeReach...planeReach
      try scene.write(
        ScatterPlot(
          title: title, x: Axis("z1", range: range), y: Axis("z2", range: range), points: points, labels: labels,
          names: names), to: name)
    }
    try plot(
      "Draws of q(z|x)", labels.indices.map { (points[2 * $0], points[2 * $0 + 1]) }, labels, to: "codes")
    let first = try classes.map { label in
      let row = labels.firstIndex(of: label)!
      return try scene.test.batch(row..<row + 1, using: scene.rng).x
    }
    let axis = (0..<placesAlong).map { -planeReach + 2 * planeReach * (Double($0) + 0.5) / Double(placesAlong) }
    let places = axis.flatMap { b in axis.map { (x: $0, y: b) } }
    let z = Tensor(places.flatMap { [Float($0.x), Float($0.y)] }, shape: [places.count, 1, 2]).to(scene.run.device)
    let nearest = withoutGradients { model.likelihood(z).logProb(.concatenated(first)).argmax(1) }  // [places]
    try plot("The largest p(x|z)", places, nearest.array(Int64.self).map { classes[Int($0)] }, to: "division")
  }

  private static let codesInPlane = 4000
  private static let planeReach = 4.0
  private static let placesAlong = 100

  /// Ends of Markov chains from noise: `markov-chain.png`.
  static func markovChain(steps: Int) -> Drawing {
    Drawing { scene in
      // [shown, 1] + shape
      let ends = try scene.run.chains(shown, states: 1, burnIn: steps - 1, from: nil, seed: scene.seed)
      let images = try Pictures.images(ends.squeezed(1))
      try ImageGrid(images).render().write(to: URL(fileURLWithPath: "\(scene.figures)/markov-chain.png"))
    }
  }

  /// Test images and their codes in every class, and codes of the prior in every class: `analogies.png`,
  /// `classes.png`. Maaløe et al. 2016, Figure 3.
  static let analogies = Drawing { scene in
    let (model, rng) = (try scene.run.model(as: .classSamples), scene.rng)
    let encoder = try scene.run.model(as: .codes)
    let x = try scene.batch(analogyRows).x
    for (name, codes, x) in [
      ("analogies", encoder.encode(x, using: rng), x), ("classes", model.prior.sample([x.size(0)], using: rng), nil),
    ] {
      let all = Pictures.inEveryClass(codes, by: model, beside: x, using: rng)
      try scene.write(all.flattened(from: 0, to: 1), columns: all.size(1), to: name)
    }
  }

  private static let analogyRows = 10

  /// Two principal components of the means of `a`, by class: `auxiliary.svg`. Maaløe et al. 2016, Figures 2d and 4b.
  static let auxiliaryPlane = Drawing { scene in
    guard let model = scene.run.model as? AuxiliaryModel else { return }
    let batch = try scene.batch(pointsInPlane)
    guard let a = model.auxiliaryMeans(batch.x), let labels = batch.labels else { return }
    let points = try PrincipalComponents(a, dimension: 2).scores.to(.float64).array(Double.self)
    try scene.write(
      ScatterPlot(
        title: "Auxiliary variables", x: "first principal component", y: "second principal component",
        points: (0..<batch.x.size(0)).map { (points[2 * $0], points[2 * $0 + 1]) },
        labels: labels.array(Int64.self).map(Int.init), names: (0..<model.classCount).map(String.init)),
      to: "auxiliary")
  }

  private static let pointsInPlane = 1000

  /// KL to the prior of every unit of `a` and `z`, in falling order: `units.svg`. Maaløe et al. 2016, Figure 4a.
  static let unitInformation = Drawing { scene in
    guard let model = scene.run.model as? AuxiliaryModel else { return }
    let series = model.unitInformation(try scene.batch(pointsInPlane).x, using: scene.rng).map { name, nats in
      let sorted = nats.to(.float64).array(Double.self).sorted(by: >)
      return LineChart.Series(name, x: sorted.indices.map { Double($0 + 1) }, y: sorted)
    }
    try scene.write(
      LineChart(
        title: "Information of units", x: "unit, in falling order", y: Axis("KL to the prior", unit: "nats"),
        series: series), to: "units")
  }

  /// The probability of class 1 over the plane, with test points: `surface.svg`. Maaløe et al. 2016, Figure 2c.
  static let decisionSurface = Drawing { scene in
    let model = try scene.run.model(as: .classes)
    let points = try scene.batch(200).x.to(.float64).array(Double.self)
    let x: [Double] = stride(from: 0, to: points.count, by: 2).map { points[$0] }
    let y: [Double] = stride(from: 1, to: points.count, by: 2).map { points[$0] }
    let (left, right) = (x.min()! - 0.3, x.max()! + 0.3)
    let (low, high) = (y.min()! - 0.3, y.max()! + 0.3)
    let nodes = 80
    var grid: [Float] = []
    for row in 0..<nodes {
      for column in 0..<nodes {
        let (across, up) = (Double(column) / Double(nodes - 1), Double(row) / Double(nodes - 1))
        grid += [Float(left + (right - left) * across), Float(low + (high - low) * up)]
      }
    }
    let probabilities = model.classProbabilities(
      Tensor(grid, shape: [nodes * nodes, 2]).to(scene.run.device), samples: 100, using: scene.rng)
    try scene.write(
      ContourPlot(
        title: "Probability of the second class", x: "x", y: "y",
        field: ScalarField(
          values: probabilities.narrowed(-1, 1..<2).squeezed(-1).array(Float.self).map(Double.init), columns: nodes,
          rows: nodes, x: left...right, y: low...high),
        value: Axis("probability", range: 0...1), points: Array(zip(x, y)).map { (x: $0, y: $1) }),
      to: "surface")
  }
}
