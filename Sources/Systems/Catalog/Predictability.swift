extension Catalog {
  /// The paper's experiments have a handful of units; 16, predictors of 64 and a weight of 1 on the reconstruction are ours.
  public static let pm = System(
    "pm", "sigmoid units that cannot be predicted from each other",
    paper: Paper(
      "schmidhuber1992",
      "Schmidhuber 1992, Learning Factorial Codes by Predictability Minimization (Neural Computation 4)"),
    design: PredictabilityDesign())
}
