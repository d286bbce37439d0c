import Datasets
import Generative
import Torch

/// A model and the examples it is measured on: all that a metric may ask for.
///
/// Data are closures, so that nothing is read that no metric asks for.
///
///     let subject = Subject(
///       "vae", model, on: .test, dataName: "mnist", MeasuringOptions(place: .fromEnvironment()),
///       examples: { test }, trainingExamples: { _ in train }, images: { try mnist.test },
///       trainingImages: { try mnist.train })
///     for value in try subject.measure([.elbo(samples: 1), .memorization]) { print(value.metric, value.value) }
public struct Subject {
  /// What the model is called in messages, such as `vae`.
  public let name: String
  /// What is measured.
  public let model: any Module
  /// The split that it is measured on.
  public let split: Split
  /// The data that it was trained on, whose feature network is taken unless the options name another.
  public let dataName: String
  /// How metrics are measured.
  public let options: MeasuringOptions
  /// The examples as the model sees them; `options.limit` of them.
  public let examples: () throws -> DeviceExamples
  /// The same ones as the model classifies them, without draws of pixels; `options.limit` of them.
  public let codedExamples: () throws -> DeviceExamples
  /// The first N training examples as the model sees them, or all for nil.
  public let trainingExamples: (Int?) throws -> DeviceExamples
  /// Training examples of every class, as many of each, as the model sees them: those whose labels training with few
  /// labels would use.
  public let labelledExamples: (_ perClass: Int) throws -> DeviceExamples
  /// Held-out examples of the run's second set, as the model classifies them; `options.limit` of them.
  public let targetExamples: () throws -> DeviceExamples
  /// The split's images as they are stored; `options.limit` of them.
  public let images: () throws -> Examples
  /// The images that the model was trained on, as they are stored.
  public let trainingImages: () throws -> Examples
  /// From what the model draws to pixels in [0, 1].
  public let intensities: (Tensor) -> Tensor
  /// Keeps a picture of images `[n, channels, height, width]` in `columns` under a name, and says where; nil where
  /// no pictures are kept.
  public let draw: ((_ name: String, _ images: Tensor, _ columns: Int) throws -> String)?
  /// What a killed annealing of the first N of these examples has left behind; nil where nothing is kept.
  public let unfinished: (Int) throws -> PartialValues?
  /// Called with what is being measured, steps done and steps in all.
  public let progress: Progress

  /// Called with what is being measured, steps done and steps in all.
  public typealias Progress = (String, Int, Int) -> Void

  /// A model and closures that read its data when a metric asks for them.
  public init(
    _ name: String, _ model: any Module, on split: Split, dataName: String, _ options: MeasuringOptions,
    examples: @escaping () throws -> DeviceExamples, codedExamples: (() throws -> DeviceExamples)? = nil,
    trainingExamples: @escaping (Int?) throws -> DeviceExamples,
    labelledExamples: ((Int) throws -> DeviceExamples)? = nil,
    targetExamples: (() throws -> DeviceExamples)? = nil,
    images: @escaping () throws -> Examples, trainingImages: @escaping () throws -> Examples,
    intensities: @escaping (Tensor) -> Tensor = { $0 }, draw: ((String, Tensor, Int) throws -> String)? = nil,
    unfinished: @escaping (Int) throws -> PartialValues? = { _ in nil }, progress: @escaping Progress = { _, _, _ in }
  ) {
    self.name = name
    self.model = model
    self.split = split
    self.dataName = dataName
    self.options = options
    self.examples = examples
    self.codedExamples = codedExamples ?? examples
    self.trainingExamples = trainingExamples
    self.labelledExamples =
      labelledExamples ?? { _ in throw MetricError("\(name): expected training examples with classes, got none") }
    self.targetExamples =
      targetExamples ?? { throw MetricError("\(name): expected a second set of examples, got none") }
    self.images = images
    self.trainingImages = trainingImages
    self.intensities = intensities
    self.draw = draw
    self.unfinished = unfinished
    self.progress = progress
  }

  /// `progress` of one thing.
  func report(_ what: String) -> (Int, Int) -> Void { { progress(what, $0, $1) } }

  // MARK: Measuring

  /// All of `metrics`, in order; one that has parts gives several values.
  ///
  /// - Parameter perExample: whether each must have a number for each example.
  public func measure(_ metrics: [Metric], perExample: Bool = false) throws -> [MetricValue] {
    try check(metrics, perExample: perExample)
    var values = try metrics.flatMap { try $0.measure(self, stream(of: $0)) }
    let annealed = values.first { $0.metric == Metric.annealed.name }
    for index in values.indices {
      if let excess = values[index].excess(over: annealed) { values[index].warning = excess }
    }
    return values
  }

  /// Refuses metrics that the model cannot answer, before anything is measured.
  ///
  /// - Parameter perExample: whether a number for each example is asked for; metrics of the whole set have none.
  public func check(_ metrics: [Metric], perExample: Bool = false) throws(MetricError) {
    for metric in metrics {
      if let lack = metric.need.lack(of: model) { throw refusal(of: metric.name, lack) }
      if perExample, !metric.isPerExample {
        throw MetricError(
          "\(metric.name): expected a metric with a number for each example, got one of the whole set"
            + advice(answers.filter(\.example.isPerExample)))
      }
    }
  }

  /// Why a metric cannot be measured, and which can.
  func refusal(of metric: String, _ lack: Lack) -> MetricError {
    MetricError("\(metric): \(name) \(lack.words)\(advice(answers))")
  }

  /// Metrics that the model can answer.
  private var answers: [MetricForm] { Metric.forms.filter { $0.example.need.lack(of: model) == nil } }

  private func advice(_ forms: [MetricForm]) -> String {
    forms.isEmpty ? "" : "; ask \(forms.map(\.advice).joined(separator: ", "))"
  }

  /// A stream for one metric: what is measured beside it changes nothing.
  private func stream(of metric: Metric) -> RandomSource {
    let number = metric.name.utf8.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) }
    return .derived(seed: options.seed, number, device: model.device)
  }
}
