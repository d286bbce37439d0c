import Evaluation
import Systems

extension Experiment {
  /// Samples of faces.
  static let avbFigure9 = Experiment(
    name: "avb/figure-9", summary: "samples of faces under AVB without adaptive contrast",
    notes: faceNotes,
    cells: { scale in [Cell("avb", faces(scale), metrics: [.reconstruction], limit: AVB.limit(scale))] })

  /// Paths between codes of faces.
  static let avbFigure10 = Experiment(
    name: "avb/figure-10", summary: "interpolations between codes of faces under AVB without adaptive contrast",
    notes: faceNotes,
    cells: { scale in
      [
        Cell(
          "avb", faces(scale), metrics: [.reconstruction], limit: AVB.limit(scale),
          drawings: [.samples, .interpolations])
      ]
    })

  /// Images of 64 x 64 in colour, whose Gaussian has a scale for every pixel.
  private static func faces(_ scale: Scale) -> RunSettings {
    var settings = Catalog.avb.defaults
    settings.data.name = "celeba"
    settings.data.validation = nil
    var design = settings.autoencoder
    design.latent.dimensions = 64
    design.encoder.noise.noiseSize = 128
    design.encoder.conv.strides = nil
    design.decoder.conv.strides = nil
    design.likelihood.family = .gaussian
    design.likelihood.scale = .predicted
    design.adversary.network = .conv
    settings.training.batchSize = 64
    settings.training.learningRate = 1e-5
    design.adversary.critic.side.learningRate = 1e-4
    switch scale {
    case .smoke:
      AVB.smoke(&settings)
      design.encoder.channels = [4, 8]
      design.decoder.channels = [8, 4]
      design.adversary.channels = [4, 8]
    case .cpu:
      settings.data.limit = 20_000
      settings.training.epochs = 20
      settings.training.steps = nil
      settings.training.learningRate = 2e-4
      design.adversary.critic.side.learningRate = 4e-4
      design.encoder.channels = [16, 32, 64, 64]
      design.decoder.channels = [64, 64, 32, 16]
      design.adversary.channels = [16, 32, 64, 64]
    case .paper: break
    }
    settings.autoencoder = design
    return settings
  }

  private static let faceNotes = """
    64 dimensions, noise of 128 added to every layer of the encoder, Gaussian pixels whose scale is predicted, a convolutional \
    critic with z added to every layer. Faces of 64 x 64 pixels: CelebA in --data-root, cut to 128 pixels and halved, or your own \
    folder by --data. The authors' networks are residual; here they are convolutions of stride 2. smoke: 2 epochs of 200 strokes; \
    cpu: 20 epochs of 20,000 faces with 16 to 64 maps; paper: 64 to 512 maps, batches of 64, rates of 1e-5 and 1e-4.
    """
}
