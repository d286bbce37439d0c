extension Catalog {
  /// Autoencoders with posteriors beyond a Gaussian that still bound the evidence.
  static let richPosteriors = [vaePlanar, vaeIAF, hvi]

  /// As many layers as the row of Table 2 of Mescheder et al. 2017. The paper's networks are maxout layers of 400 with a code of
  /// 40, trained by RMSProp; here they are those of `vae`, so that the two differ in the posterior alone.
  public static let vaePlanar = System(
    "vae-planar", "vae with planar layers behind its Gaussian encoder",
    paper: Paper(
      "rezende2015", "Rezende & Mohamed 2015, Variational Inference with Normalizing Flows (arXiv:1505.05770)"),
    design: AutoencoderDesign {
      $0.posterior.family = .planar
      $0.posterior.length = 80
      $0.regularizer.divergence = .monteCarloKL
      $0.latent.dimensions = 32
    })

  /// Layers as in the code of Mescheder et al. 2017, which compares the system with its own.
  public static let vaeIAF = System(
    "vae-iaf", "vae with inverse autoregressive layers behind its encoder",
    paper: Paper(
      "kingma2016",
      "Kingma, Salimans, Jozefowicz, Chen, Sutskever & Welling 2016, Improving Variational Inference with Inverse "
        + "Autoregressive Flow (arXiv:1606.04934)"),
    design: AutoencoderDesign {
      $0.posterior.family = .iaf
      $0.regularizer.divergence = .monteCarloKL
      $0.latent.dimensions = 32
    })

  /// One iteration of 16 steps and a code of 32, the row of Table 2 of Mescheder et al. 2017. The paper's networks for it are
  /// convolutional (`encoder.network=conv`, `decoder.network=conv`). The reverse model is one layer of 640, as in a later
  /// reimplementation.
  public static let hvi = System(
    "hvi", "leapfrog steps on the decoder's own density make the posterior",
    paper: Paper(
      "salimans2015",
      "Salimans, Kingma & Welling 2015, Markov Chain Monte Carlo and Variational Inference: Bridging the Gap "
        + "(arXiv:1410.6460)"),
    design: HamiltonianDesign { $0.latent.dimensions = 32 })
}
