extension Catalog {
  /// Models with codes under the networks of DCGAN, and the same with an adversary that weighs real and generated
  /// examples.
  static let activated = [vaeGAN, cvae, svae, aavae, aacvae, aasvae]

  /// The networks of Radford et al. 2016, as appendix G of Hu et al. 2018 has them: the decoder is the generator with a
  /// sigmoid, the encoder the discriminator's body.
  private static func convolutional(_ encoder: inout EncoderSettings) { encoder.network = .dcgan }

  private static func convolutional(_ decoder: inout DecoderSettings) {
    decoder.network = .dcgan
    decoder.channels = [128, 64]
  }

  /// Batch, rate and Adam's constants of the GANs that the models are compared with.
  private static func training(_ settings: inout RunSettings) {
    settings.training.epochs = 200
    settings.training.batchSize = 128
    settings.training.learningRate = 2e-4
    settings.training.adam.beta1 = 0.5
  }

  private static func joint(_ design: inout AuxiliaryModelDesign) {
    convolutional(&design.encoder)
    convolutional(&design.decoder)
    design.encoder.hidden = [1024]
    design.decoder.hidden = [1024]
    design.auxiliary.kind = .none
    design.latent.dimensions = 100
  }

  private static let convolutionalVAE = AutoencoderDesign {
    convolutional(&$0.encoder)
    convolutional(&$0.decoder)
    $0.latent.dimensions = 100
  }

  private static let conditional = AuxiliaryModelDesign(learnsClasses: false, isGivenClasses: true, joint)

  /// One in a hundred of MNIST's 60,000 labels, and the weights of `m2`.
  private static let semiSupervised = AuxiliaryModelDesign(learnsClasses: true) {
    joint(&$0)
    $0.semi.labels.perClass = 60
    $0.semi.weight = nil
  }

  /// Networks, rate and weights are the paper's for faces of 64 x 64; its critic keeps the full size in its first stage,
  /// ours halves it.
  public static let vaeGAN = System(
    "vae-gan", "an autoencoder whose likelihood is that of a critic's layer",
    paper: Paper(
      "larsen2016",
      "Larsen, Sonderby, Larochelle & Winther 2016, Autoencoding beyond pixels using a learned similarity metric "
        + "(arXiv:1512.09300)"),
    design: VAEGANDesign { $0.adversary.critic.objective = .nonSaturating }, exampleShape: [3, 64, 64]
  ) {
    $0.data.validation = 0
    $0.training.optimizer = .rmsprop
    $0.training.rmsprop.decay = 0.9
    $0.training.batchSize = 64
    $0.training.learningRate = 3e-4
  }

  public static let cvae = System(
    "cvae", "a vae given the class of every example",
    paper: Paper(
      "sohn2015",
      "Sohn, Lee & Yan 2015, Learning Structured Output Representation using Deep Conditional Generative Models (NIPS)"),
    design: conditional, training)

  public static let svae = System(
    "svae", "m2 with convolutions: few labels, a class y beside the codes", paper: kingmaSSL, design: semiSupervised,
    training)

  public static let aavae = System(
    "aavae", "a vae that an adversary weighs, and that learns of its own samples too", paper: hu,
    design: ActivatedDesign(convolutionalVAE), training)

  public static let aacvae = System(
    "aacvae", "cvae with an activated adversary", paper: hu, design: ActivatedDesign(conditional), training)

  public static let aasvae = System(
    "aasvae", "svae with an activated adversary", paper: hu, design: ActivatedDesign(semiSupervised), training)
}
