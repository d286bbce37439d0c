import Configuration
import Datasets
import Systems
import Torch
import Training

/// Everything that decides a feature network: the data, the network and the training.
public struct FeatureSettings: Settings {
  public var data = "mnist"
  public var limit: Int?
  public var flips = false
  public var shift = 2
  public var channels = [24, 48, 96]
  public var blocks = 1
  public var epochs = 8
  public var batchSize = 128
  public var learningRate = 2e-3
  public var weightDecay = 1e-4
  public var seed: UInt64 = 1

  /// The defaults for a data set: images of clothes or things may be mirrored, digits may not.
  public init(data: String) {
    self.data = data
    flips = ["fashion-mnist", "cifar-10", "celeba"].contains(data)
    if data == "fashion-mnist" { epochs = 12 }
    if data == "cifar-10" { (shift, epochs) = (4, 40) }
  }

  public static var fields: [Field<Self>] {
    let most = SettingType<Int>.largestInteger
    return [
      Field("data", "a labelled set of `helmholtz data`, a file or a folder of images", \.data, .text),
      Field("limit", "training examples used, all if null", \.limit, .optional(.integer(2...most))),
      Field("flips", "mirror images left to right at random", \.flips, .flag),
      Field("shift", "move images by up to N pixels at random", \.shift, .integer(0...1024)),
      Field(
        "channels", "feature maps of each stage; a stage halves the side", \.channels,
        .list(of: .integer(1...4096), plural: "whole numbers from 1 to 4096", count: 1...8)),
      Field("blocks", "residual blocks in a stage", \.blocks, .integer(1...64)),
      Field("epochs", "passes over the training set", \.epochs, .integer(1...1_000_000)),
      Field("batchSize", "examples in a batch", \.batchSize, .integer(2...1_000_000)),
      Field(
        "learningRate", "Adam's first step size; it falls to 0 along half a cosine", \.learningRate,
        .number(.above(0))),
      Field("weightDecay", "L2 penalty in the gradient", \.weightDecay, .number(.atLeast(0))),
      Field("seed", "seed of weights, data order and noise", \.seed, .seed),
    ]
  }

  /// The data set with a twelfth of its training examples held out, unless it brings a validation split.
  func dataset(_ options: DatasetOptions) throws(DatasetError) -> Dataset {
    var settings = DataSettings()
    settings.name = data
    return try settings.examples(options)
  }

  /// For the trainer.
  var options: TrainingOptions {
    var options = TrainingOptions()
    options.duration = .epochs(epochs)
    options.seed = seed
    options.model.learningRate = .cosine(start: learningRate, end: 0, over: .epochs(epochs))
    var adam = Adam.Options()
    adam.weightDecay = weightDecay
    options.model.optimizer = .adam(adam)
    options.logEvery = 20
    return options
  }
}
