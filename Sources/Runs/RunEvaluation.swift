import Datasets
import Evaluation
import Figures
import Foundation
import Generative
import Probability
import Torch

/// Metrics of a run's model on examples of a data set.
/// What is measured with.
public struct MeasuringOptions: Sendable {
  /// Of `ais` and `bdmc`.
  public var annealing = AnnealingOptions()
  /// Samples that are compared with data; nil is as many as there are data, at most 10,000.
  public var samples: Int?
  /// The network that images are compared in: a file, or a data set's name; nil is that of the run's own data.
  public var features: String?
  /// Of all draws.
  public var seed: UInt64 = 1
  /// Only the first so many examples.
  public var limit: Int?
  /// Whether batch norm takes its statistics over the whole training split, in place of the running ones.
  public var gathersNorms = false
  /// Where data come from and feature networks and their results are kept.
  public var place: DatasetOptions

  public init(place: DatasetOptions) { self.place = place }
}

public struct RunEvaluation {
  /// Called with what is being measured, steps done and steps in all.
  public typealias Progress = (String, Int, Int) -> Void

  let run: Run
  let dataset: Dataset
  let split: Split
  let options: MeasuringOptions
  private let progress: Progress

  public init(
    _ run: Run, on split: Split, of dataset: Dataset, _ options: MeasuringOptions,
    progress: @escaping Progress = { _, _, _ in }
  ) {
    self.run = run
    self.dataset = dataset
    self.split = split
    self.options = options
    self.progress = progress
  }

  /// `measure` has asked for the capability before.
  var model: any LatentVariableModel { run.model as! any LatentVariableModel }

  /// The examples as the model sees them.
  func examples() throws -> DeviceExamples {
    try run.examples(split, of: dataset, limit: options.limit)
  }

  func report(_ what: String) -> (Int, Int) -> Void { { progress(what, $0, $1) } }

  /// A stream for one metric: what is measured beside it changes nothing.
  private func stream(_ metric: Metric) -> RandomSource {
    let number = metric.name.utf8.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) }
    return .derived(seed: options.seed, number, device: run.device)
  }

  /// All of `metrics`, in order; one that has parts gives several.
  public func measure(_ metrics: [Metric]) throws -> [MetricValue] {
    if !metrics.allSatisfy(\.isOfClasses) { _ = try run.model(as: (any LatentVariableModel).self) }
    if options.gathersNorms { try gatherNorms() }
    let bounds = metrics.filter(\.isBound)
    let estimates = try bounds.isEmpty ? [] : measure(bounds: bounds)
    return try metrics.flatMap { metric -> [MetricValue] in
      if let index = bounds.firstIndex(of: metric) { return [MetricValue(metric, estimates[index])] }
      return try measure(metric, using: stream(metric))
    }
  }

  /// Puts the means of batch norm's statistics over the batches of an epoch in place of the running ones.
  private func gatherNorms() throws {
    let model = run.model
    guard model.namedTensors.count > model.namedParameters.count, let score = model.score else {
      throw MetricError("\(run.settings.model): expected a model with batch norm, got one without")
    }
    let examples = try run.examples(.train, of: dataset, isTraining: true)
    let order = BatchOrder(
      count: examples.count, batchSize: run.settings.training.batchSize, seed: options.seed, device: run.device)
    let rng = run.random(options.seed)
    for number in 1...order.batchesPerEpoch {
      let indices = order.indices(at: number - 1)
      // Variances need more than one example.
      if indices.count == 1, number > 1 { continue }
      try withoutGradients {
        let batch = try examples.batch(indices, using: rng)
        TrainingMode.gather(number) { _ = score.value(batch, rng) }
      }
      progress("batch norm", number, order.batchesPerEpoch)
    }
  }

  private func measure(bounds: [Metric]) throws -> [Estimate] {
    let needsDensity = bounds.contains(.kl) || bounds.contains(.reconstruction)
    guard let model = model as? any ImportanceSampled, !needsDensity || model is any ExplicitPosterior else {
      throw MetricError("\(run.settings.model): the posterior has no density, so no bound can be estimated")
    }
    let examples = try examples()
    return try evaluate(bounds, of: model, on: examples, using: run.random(options.seed)) {
      progress("bounds", $0, examples.count)
    }
  }

  private func measure(_ metric: Metric, using rng: RandomSource) throws -> [MetricValue] {
    switch metric {
    case .elbo, .iwae, .kl, .reconstruction, .bitsPerDimension: preconditionFailure("bounds are measured together")
    case .annealed: [try annealed(metric)]
    case .annealingGap: annealingGap(rng)
    case .activeUnits, .mutualInformation, .priorMMD, .logDetCovariance: [try code(metric, rng)]
    case .probe(let probe, let labels): [try self.probe(metric, probe, labels, rng)]
    case .frechetDistance, .kernelDistance, .neighbourhoods, .inceptionScore, .classCrossEntropy:
      try SampleComparison(self, rng).measure(metric)
    case .memorization: try memorization(rng)
    case .classificationError, .calibration, .confusion: [try classification(metric, rng)]
    }
  }

  // MARK: Annealing

  private func annealed(_ metric: Metric) throws -> MetricValue {
    let examples = try examples()
    let partial = try unfinished(count: examples.count)
    let values = try annealedLogLikelihood(
      of: model, on: examples, options.annealing, seed: options.seed, finished: partial, progress: report("ais"))
    try partial?.remove()
    return MetricValue(metric, Estimate(values), conventions: options.annealing.conventions(model))
  }

  /// What an evaluation of this checkpoint on these examples with these options has left behind.
  private func unfinished(count: Int) throws -> PartialValues? {
    guard let directory = run.directory, let step = run.checkpoint?.progress.step else { return nil }
    let key = "\(step) \(dataset.info.name) \(split) \(count) \(options.seed) \(options.annealing)"
    let weights = sha256(run.model.namedParameters.flatMap { $0.parameter.value.bytes() })
    let whole = sha256(Array("\(key) \(weights)".utf8))
    return try PartialValues("\(directory.path)/ais-\(whole.prefix(12)).json", key: whole)
  }

  private func annealingGap(_ rng: RandomSource) -> [MetricValue] {
    let count = options.limit ?? Self.simulated
    let bounds = bidirectionalBounds(
      of: model, count: count, options.annealing, using: rng, progress: report("bdmc"))
    let conventions = options.annealing.conventions(model) + [("examples", .text("drawn from the model"))]
    func measurement(_ name: String, _ values: [Double]) -> MetricValue {
      let estimate = Estimate(values)
      return MetricValue(
        name, unit: "nats", estimate.mean, standardError: estimate.standardError, count: count,
        conventions: conventions)
    }
    return [
      measurement("bdmc", zip(bounds.upper, bounds.lower).map { $0 - $1 }), measurement("bdmc:lower", bounds.lower),
      measurement("bdmc:upper", bounds.upper),
    ]
  }

  /// Examples that the model draws for `bdmc` unless a limit says otherwise.
  private static let simulated = 100

  // MARK: Codes

  private func code(_ metric: Metric, _ rng: RandomSource) throws -> MetricValue {
    let codes = try Codes(model, examples(), using: rng)
    let (count, dimension) = (codes.draws.size(0), codes.draws.size(1))
    func result(_ value: Double, _ conventions: [(key: String, value: Convention)]) -> MetricValue {
      MetricValue(metric.name, unit: metric.unit, value, count: count, conventions: conventions)
    }
    switch metric {
    case .activeUnits:
      return result(
        Double(codes.activeUnits),
        [("threshold", .number(Codes.activityThreshold)), ("dimension", .count(dimension))])
    case .mutualInformation:
      guard let logVariance = codes.logVariances else { throw MetricError("\(run.settings.model): the posterior has no density, so no bound can be estimated") }
      return result(
        try Evaluation.mutualInformation(mean: codes.means, logVariance: logVariance, z: codes.draws),
        [("most", .number(log(Double(count)))), ("draws", .text("one a code"))])
    case .priorMMD:
      let prior = model.prior.sample([count], using: rng).to(.cpu).to(.float64)
      return result(
        try squaredMMD(codes.draws, prior, kernel: .infoVAE(dimension: dimension), estimator: .unbiased),
        [
          ("kernel", .text("exp(-r2 / d^2)")), ("estimator", .text("unbiased")), ("codes", .text("draws of q(z|x)")),
          ("prior_draws", .count(count)),
        ])
    default:
      return result(
        try Evaluation.logDetCovariance(codes.draws), [("codes", .text("draws of q(z|x)")), ("ddof", .count(1))])
    }
  }

  /// Labels a probe takes unless it is told how many.
  private static let mostLabels = 10_000

  private func probe(
    _ metric: Metric, _ probe: Metric.Probe, _ labels: Int?, _ rng: RandomSource
  ) throws -> MetricValue {
    guard split != .train else {
      throw MetricError("\(metric.name): expected a validation or test split to measure on, got train")
    }
    let limit = labels ?? Self.mostLabels
    let training = try run.examples(.train, of: dataset, limit: limit)
    if let labels, training.count < labels {
      throw MetricError("\(metric.name): expected \(labels) labelled training examples, got \(training.count)")
    }
    let train = try Codes(model, training, using: rng).labelled("train")
    let test = try Codes(model, examples(), using: rng).labelled(split.rawValue)
    var conventions: [(key: String, value: Convention)] = [
      ("labels", .count(train.count)), ("codes", .text("posterior means")),
    ]
    let error: Double
    switch probe {
    case .linear:
      error = try LinearProbe(train: train).errorRate(test)
      conventions.append(("l2", .number(LinearProbe.defaultL2)))
    case .svm:
      error = try SVMProbe(kernel: .rbf(gamma: nil), cost: 1).errorRate(train: train, test: test)
      conventions += [("kernel", .text("rbf, gamma 1 / (d variance)")), ("C", .number(1))]
    case .knn:
      error = try knnProbe(train: train, test: test, k: Self.neighbours)
      conventions.append(("k", .count(Self.neighbours)))
    }
    let count = Double(test.count)
    return MetricValue(
      metric.name, unit: metric.unit, error, standardError: (error * (1 - error) / count).squareRoot(),
      count: test.count, conventions: conventions)
  }

  private static let neighbours = 5
}
