extension Catalog {
  /// Stochastic layers that learn awake and asleep.
  static let helmholtzMachines = [wakeSleep, rws]

  /// The papers have other sizes for other data; layers of 200, 200 and 10, and Adam, are ours for binarized MNIST.
  public static let wakeSleep = System(
    "wake-sleep", "layers of zeros and ones; q learns from dreams",
    paper: Paper(
      "hinton1995",
      "Hinton, Dayan, Frey & Neal 1995, The Wake-Sleep Algorithm for Unsupervised Neural Networks (Science 268)"),
    design: HelmholtzMachineDesign())

  /// As in the paper, q learns from both, and the two models at once; it trains with 5 or 10 particles.
  public static let rws = System(
    "rws", "the same layers from k weighted particles of each example",
    paper: Paper("bornschein2015", "Bornschein & Bengio 2015, Reweighted Wake-Sleep (arXiv:1406.2751)"),
    design: HelmholtzMachineDesign {
      $0.particles = 5
      $0.recognition = .both
      $0.moves = .simultaneous
    })
}
