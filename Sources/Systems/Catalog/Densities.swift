extension Catalog {
  /// Densities of any examples.
  static let densities = [realNVP, nice, maf, gmm]

  /// Points, Adam of 1e-3 and batches of 256 are ours, for all flows.
  private static func points(_ settings: inout RunSettings) {
    settings.data.name = "eight-gaussians"
    settings.training.batchSize = 256
  }

  /// 16 couplings of two layers of 256 with ReLU6 are those of auxiliary supervised learning (Table 2), where they model codes; the
  /// paper's own are convolutions.
  public static let realNVP = System(
    "realnvp", "a flow of affine couplings",
    paper: Paper(
      "dinh2017", "Dinh, Sohl-Dickstein & Bengio 2017, Density Estimation Using Real NVP (arXiv:1605.08803)"),
    design: FlowDesign(), exampleShape: [2], points)

  /// All but what a coupling does is that of `realnvp`; the paper has 4 couplings of five layers of 1000 for MNIST.
  public static let nice = System(
    "nice", "a flow of additive couplings and a scale for each dimension",
    paper: Paper(
      "dinh2014", "Dinh, Krueger & Bengio 2014, NICE: Non-linear Independent Components Estimation (arXiv:1410.8516)"),
    design: FlowDesign { $0.flow = .additive }, exampleShape: [2], points)

  /// 5 layers are those of the paper's MAF(5); two hidden layers of 256 are ours.
  public static let maf = System(
    "maf", "a flow of masked autoregressive layers",
    paper: Paper(
      "papamakarios2017",
      "Papamakarios, Pavlakou & Murray 2017, Masked Autoregressive Flow for Density Estimation (arXiv:1705.07057)"),
    design: FlowDesign {
      $0.flow = .autoregressive
      $0.couplings = 5
    }, exampleShape: [2], points)

  /// An epoch is an iteration, so that each has a line in the log.
  public static let gmm = System(
    "gmm", "a mixture of Gaussians with full covariances",
    paper: Paper(
      "dempster1977",
      "Dempster, Laird & Rubin 1977, Maximum Likelihood from Incomplete Data via the EM Algorithm (Journal of the Royal "
        + "Statistical Society B 39)"),
    design: MixtureDesign(), exampleShape: [2]
  ) {
    points(&$0)
    $0.training.logEvery = 1
  }
}
