extension System {
  /// The beta-VAE. All but beta is that of `vae`, so that the two differ in one number.
  static let betaVAE = System(
    name: "beta-vae",
    paper: Paper(
      key: "higgins2017",
      citation:
        "Higgins et al. 2017, beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework (ICLR)"
    ),
    summary: "the same autoencoder with a KL that counts beta times",
    changes: { $0.regularizer.weight = 4 },
    make: AutoencoderFactory.make)
}
