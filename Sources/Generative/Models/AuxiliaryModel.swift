import Datasets
import Foundation
import Networks
import Probability
import Torch

/// Deep generative models with auxiliary variables `a`, stochastic layers `z` and a class `y`, each of
/// which may be missing.
///
/// Maaløe et al. 2016. Without a class it is the AVAE of L layers (Eqs. 19 and 20); with one and one layer the
/// ADGM, the SDGM where p(x|.) is given `a` too, the ADGM with a deterministic `a`, and, without `a`, the M2 of
/// Kingma et al. 2014. A class that is not known is summed over exactly: `a` is drawn once for x, y is enumerated,
/// z is drawn for each (a, y). A class that is given, not inferred, makes the conditional VAE of Sohn et al. 2015.
public final class AuxiliaryModel: Game, LatentVariableModel {
  /// From x to the features that stand for it in every network; nil for x as it is.
  private let reader: (any Network)?
  /// q(a_i|a_(i-1), x), from x's side up; empty without `a`.
  let qa: [JointGaussian]
  /// q(z_i|a_i, z_(i-1) or x, y), from x's side up.
  let qz: [JointGaussian]
  /// p(a_i|z_i and above, y); empty where `a` is not drawn.
  let pa: [JointGaussian]
  /// p(z_i|z_(i+1), y) of all layers but the top, where z is N(0, I).
  let pz: [JointGaussian]
  /// q(y|x, a); nil where there are no classes, or they are given.
  private let qy: JointCategorical?
  /// p(x|z, y, a).
  let px: JointLikelihood
  let design: AuxiliaryDesign
  private let player: Player

  /// - Parameters:
  ///   - exampleShape: `[channels, h, w]` or `[d]`.
  ///   - family: that of p(x|z, y, a).
  public init(_ exampleShape: [Int], _ family: LikelihoodFamily, _ design: AuxiliaryDesign, using rng: RandomSource) {
    precondition(
      !design.isSkip || !design.auxiliarySeesExample,
      "AuxiliaryModel: expected p(x|z, y, a) or p(a|z, y, x), got both, of which neither can be drawn first")
    self.design = design
    reader = design.reader.map { $0(exampleShape, rng) }
    let size = (reader?.outputShape ?? exampleShape).reduce(1, *)
    let (a, z) = (design.auxiliary == .none ? [] : [design.auxiliarySize], design.latentSizes)
    func network(_ inputs: [Int], _ classes: Int?, _ hidden: [Int]) -> JointMLP {
      design.network(inputs, classes: classes, hidden: hidden, using: rng)
    }
    func gaussian(_ inputs: [Int], _ classes: Int?, _ hidden: [Int], _ dimension: Int) -> JointGaussian {
      JointGaussian(network(inputs, classes, hidden), dimension: dimension, heads: design.heads, using: rng)
    }
    var (qa, qz, pa, pz): ([JointGaussian], [JointGaussian], [JointGaussian], [JointGaussian]) = ([], [], [], [])
    for index in z.indices {
      let hidden = design.hidden[min(index, design.hidden.count - 1)]
      if let a = a.first { qa.append(gaussian(index == 0 ? [size] : [a, size], nil, hidden, a)) }
      qz.append(gaussian(index == 0 ? [size] + a : a + [z[index - 1]], design.classes, hidden, z[index]))
      if design.auxiliary == .stochastic {
        let seen = design.auxiliarySeesExample ? [size] : []
        pa.append(gaussian(Array(z[index...]) + seen, design.classes, hidden, a[0]))
      }
      if index < z.count - 1 { pz.append(gaussian([z[index + 1]], design.classes, hidden, z[index])) }
    }
    (self.qa, self.qz, self.pa, self.pz) = (qa, qz, pa, pz)
    qy = (design.classesAreGiven ? nil : design.classes).map {
      JointCategorical(
        network([size] + a, nil, design.hidden[0]), classes: $0, initialization: .glorotNormal(gain: 1), using: rng)
    }
    let features = network([z[0]] + (design.isSkip ? a : []), design.classes, design.hidden[0])
    let outputShape = [exampleShape[0] * family.outputsPerDimension] + exampleShape.dropFirst()
    px = JointLikelihood(
      features,
      NetworkLikelihood(
        design.writer.map { $0(features.width, outputShape, rng) } ?? MLP([features.width], hidden: [], using: rng),
        family, shape: exampleShape, initialization: .glorotNormal(gain: 1), using: rng))
    // Layer by layer, as they were made: a sum over gradients depends on their order in the last bits.
    let layers: [(any Module)?] = z.indices.flatMap { index in
      [qa, qz, pa, pz].map { index < $0.count ? $0[index] : nil }
    }
    player = Player("model", [reader] + layers + [qy, px])
  }

  public var exampleShape: [Int] { px.shape }

  // MARK: Inference

  /// How many draws make a bound: of `a` for each `x`, and of `z` for each `a` (and `y`).
  typealias Draws = (auxiliary: Int, latent: Int)

  /// What stands for x in every network, `[batch, features]`; auxiliary variables of every layer, `[draws, batch,
  /// dimension]`; and the log density they were drawn with.
  typealias Auxiliaries = (x: Tensor, a: [Tensor], logProb: Tensor?)

  /// What the networks are given instead of examples `[batch] + shape`: `[batch, features]`.
  func read(_ image: Tensor) -> Tensor { (reader.map { $0(image) } ?? image).flattened(from: 1) }

  func auxiliaries(_ image: Tensor, _ draws: Draws, using rng: RandomSource) -> Auxiliaries {
    let x = read(image)
    var (a, logProb): ([Tensor], Tensor?) = ([], nil)
    for conditional in qa {
      let q = conditional(a.suffix(1) + [x])
      let lead = a.isEmpty ? [draws.auxiliary] : []
      guard design.auxiliary == .stochastic else {
        a.append(q.mean.expanded(lead + q.mean.shape))  // [draws of a, batch, a]
        continue
      }
      a.append(q.rsample(lead, using: rng))  // [draws of a, batch, a]
      logProb = logProb.map { $0 + q.logProb(a.last!) } ?? q.logProb(a.last!)
    }
    return (x, a, logProb)
  }

  /// What q of `z` of a layer is given beside the class: `a` of the layer, and `x` or `z` below it.
  func given(_ index: Int, _ x: Tensor, _ a: [Tensor], _ z: [Tensor]) -> [Tensor] {
    index == 0 ? [x] + a.prefix(1) : a.dropFirst(index).prefix(1) + [z[index - 1]]
  }

  /// log q(y|x, a), `[draws of a, batch, classes]`.
  func logClassProbabilities(_ drawn: Auxiliaries) -> Tensor {
    let scores = classScores(drawn.x, drawn.a).logSoftmax(-1)
    return drawn.a.isEmpty ? scores.unsqueezed(0) : scores  // [draws of a, batch, classes]
  }

  /// log q(y|x, a) up to a constant.
  func classScores(_ x: Tensor, _ a: [Tensor]) -> Tensor { qy!([x] + a.prefix(1)).logits }

  /// log p(x, y, a, z) - log q(a|x) - log q(z|a, y, x) at fresh z, in two parts: log p(x|z, y, a), and the rest.
  ///
  /// - Parameters:
  ///   - image: `[batch] + shape`.
  ///   - classes: `[batch]`; or `[draws of y, draws of a, batch]`, whose weights have that axis too; or nil for all
  ///     classes of every example, on a further axis behind the batch.
  ///   - block: some classes instead of all.
  /// - Returns: what broadcasts to `[draws of z, draws of a, batch]`, with a further axis of enumerated classes.
  func logWeight(
    _ image: Tensor, _ drawn: Auxiliaries, classes: Tensor?, among block: Range<Int>? = nil, _ draws: Draws,
    using rng: RandomSource
  ) -> (likelihood: Tensor, rest: Tensor) {
    let (code, rest) = logWeightOfCodes(image, drawn, classes: classes, among: block, draws, using: rng)
    let isEnumerated = design.classes != nil && classes == nil
    return (px(code).logProb(isEnumerated ? image.unsqueezed(1) : image), rest)  // image: [batch, (1)] + shape
  }

  /// The rest of `logWeight` with what p(x|.) is given at the codes that were drawn.
  func logWeightOfCodes(
    _ image: Tensor, _ drawn: Auxiliaries, classes: Tensor?, among block: Range<Int>? = nil, _ draws: Draws,
    using rng: RandomSource
  ) -> (code: JointInput, rest: Tensor) {
    let isEnumerated = design.classes != nil && classes == nil
    /// `[..., batch, features]` to `[..., batch, 1, features]` where classes are enumerated.
    func spread(_ value: Tensor) -> Tensor { isEnumerated ? value.unsqueezed(-2) : value }
    let y = design.classes.map {
      classes ?? Tensor.range($0, dtype: .int64, device: image.device).narrowed(0, block ?? 0..<$0)
    }
    let x = spread(drawn.x)  // [batch, (1,) features]
    let a = drawn.a.map(spread)  // each [draws of a, batch, (1,) a]
    var z: [Tensor] = []
    var rest = Tensor(design.classes.map { -log(Double($0)) } ?? 0, dtype: x.dtype, device: x.device)
    if let logProb = drawn.logProb { rest = rest - (isEnumerated ? logProb.unsqueezed(-1) : logProb) }
    for (index, conditional) in qz.enumerated() {
      let q = conditional(given(index, x, a, z), classes: y)
      let hasDraws = !a.isEmpty || (classes?.rank ?? 1) > 1
      let lead = index > 0 ? [] : hasDraws ? [draws.latent] : [draws.latent, draws.auxiliary]
      // [draws of z, ..., batch, (classes,) z]
      z.append(Peers.behindRows(isEnumerated ? 1 : 0) { q.rsample(lead, using: rng) })
      rest = rest - q.logProb(z[index])
    }
    for index in z.indices {
      let prior: any Density =
        index < pz.count ? pz[index]([z[index + 1]], classes: y) : StandardNormal(z[index].size(-1), dtype: x.dtype)
      rest = rest + prior.logProb(z[index])
      guard index < pa.count else { continue }
      let inputs = Array(z[index...]) + (design.auxiliarySeesExample ? [x] : [])
      rest = rest + pa[index](inputs, classes: y).logProb(a[index])
    }
    return (given(z[0], a.first, classes: y), rest)
  }

  /// What p(x|z, y, a) is given.
  func given(_ z: Tensor, _ a: Tensor?, classes: Tensor?) -> JointInput {
    JointInput([z] + (design.isSkip ? [a!] : []), classes: classes)
  }

  /// p(x|z, y, a).
  func likelihood(_ z: Tensor, _ a: Tensor?, classes: Tensor?) -> any Distribution {
    px(given(z, a, classes: classes))
  }

  // MARK: Training

  public var score: Score? {
    .bound { [self] batch, rng in
      guard design.classesAreGiven else { return unlabelledBound(batch.x, using: rng) }
      return givenBound(batch.x, known(batch), using: rng)
    }
  }

  public var players: [Player] { [player] }

  public func play(_ table: any Table) throws {
    let x = try table.batch(.main)
    let temperature = design.temperature(table.clock)
    if design.classesAreGiven {
      let bound = givenBound(x.x, known(x), temperature: temperature, using: table.rng)
      return try move(-bound, plus: weightPenalty, table)
    }
    let labelled = try design.classes.map { _ in try table.batch(.labelled) }
    let unlabelled = unlabelledBound(x.x, temperature: temperature, using: table.rng)
    let prior = weightPenalty
    guard let labelled else { return try move(-unlabelled, plus: prior, table) }
    let (bound, classification) = labelledTerms(labelled, temperature, using: table.rng)
    let known = (classification.mean() * design.alpha - bound.mean()) * design.labelledWeight
    try move(
      known - unlabelled.mean(), plus: prior, table,
      terms: [.init("unlabelled", -unlabelled), .init("labelled", -bound), .init("classification", classification)])
  }

  /// Descends a loss, and with it the share of the weights' prior.
  private func move(_ loss: Tensor, plus prior: Loss.Term?, _ table: any Table, terms: [Loss.Term] = []) throws {
    try table.move(
      player, Loss(prior.map { loss + $0.value } ?? loss, terms: terms + (prior.map { [$0] } ?? [])))
  }

  /// The bound of labelled examples, and -log q(y|x) of their classes: nats, `[batch]` each.
  func labelledTerms(
    _ batch: Batch, _ temperature: Double, using rng: RandomSource
  ) -> (bound: Tensor, classification: Tensor) {
    let classes = known(batch)
    // The averages of batch norm are those of the unlabelled pass alone, as the authors have it.
    let (bound, logQ) = TrainingMode.withoutAverages {
      let drawn = auxiliaries(batch.x, design.draws, using: rng)
      let bound = labelledBound(batch.x, classes, drawn, temperature, rng)
      // Eq. 12, with the probabilities averaged over draws of `a`, as the authors do.
      return (bound, logMeanExp(logClassProbabilities(drawn)))  // [batch], [batch, classes]
    }
    return (bound, -logQ.taken(classes.unsqueezed(1), along: 1).squeezed(1))
  }

  /// The classes of a batch, which a feed of labelled examples has.
  func known(_ batch: Batch) -> Tensor {
    guard let classes = batch.labels else { preconditionFailure("AuxiliaryModel: expected classes of all examples") }
    return classes
  }

  /// -log N(w; 0, 1) of all weights up to a constant, shared out among the training examples: nats, a scalar.
  ///
  /// It is part of the loss, so that gradients are clipped with it. Biases, batch norm and learned scales have no prior.
  private var weightPenalty: Loss.Term? {
    guard let examples = design.priorExamples else { return nil }
    let squares = namedParameters.filter { name, parameter in
      // Of affine maps and convolutions, and of the classes that an affine map is given. Batch norm's are vectors.
      [".weight", ".table"].contains(where: name.hasSuffix) && parameter.value.rank > 1
    }.map { $0.parameter.value.square().sum() }
    return Loss.Term("weights", squares.dropFirst().reduce(squares[0], +) / Double(2 * examples))
  }
}

extension AuxiliaryModel: ImportanceSampled {
  /// The class is summed out, so that E w = p(x) and E log w <= log p(x).
  public func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    let draws = (auxiliary: samples, latent: 1)
    let drawn = auxiliaries(x, draws, using: rng)
    func logWeights(_ block: Range<Int>?) -> Tensor {
      let (likelihood, rest) = logWeight(x, drawn, classes: nil, among: block, draws, using: rng)
      return (likelihood + rest).squeezed(0)  // [samples, batch, (classes)]
    }
    guard let count = design.classes else { return logWeights(nil) }
    let parts = blocks(of: count, rows: samples * x.size(0)).map { logWeights($0).logSumExp(-1, keepAxes: true) }
    return Tensor.concatenated(parts, axis: -1).logSumExp(-1)  // [samples, batch]
  }

  /// -U(x) of Eq. 11 for draws of `a`, with the sum over classes exact.
  public func lowerBounds(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    guard let count = design.classes, !design.classesAreGiven else {
      return logWeights(x, samples: samples, using: rng)
    }
    let draws = (auxiliary: samples, latent: 1)
    let drawn = auxiliaries(x, draws, using: rng)
    let logQ = logClassProbabilities(drawn)  // [draws of a, batch, classes]
    let parts = blocks(of: count, rows: samples * x.size(0)).map { block in
      let (likelihood, rest) = logWeight(x, drawn, classes: nil, among: block, draws, using: rng)
      let logQ = logQ.narrowed(-1, block)
      return (logQ.exp() * ((likelihood + rest).squeezed(0) - logQ)).sum(-1, keepAxes: true)
    }
    return Tensor.concatenated(parts, axis: -1).sum(-1)  // [samples, batch]
  }
}

extension AuxiliaryModel: Described {
  public var card: ModelCard {
    let count = qz.count
    func name(_ letter: String, _ index: Int) -> String { count == 1 ? letter : "\(letter)\(index + 1)" }
    let y = design.classes == nil ? [] : ["y"]
    let a = design.auxiliary == .none ? [] : [name("a", 0)]
    var entries = [ModelCard.Entry("p", [name("z", count - 1)], "N(0, I), \(design.latentSizes.last!) dimensions")]
    if let classes = design.classes { entries.append(.init("p", y, "one of \(classes) classes, all equal")) }
    for index in 0..<count {
      let above = (index..<count).map { name("z", $0) }
      if index < pz.count {
        entries.append(.init("p", [name("z", index)], given: [name("z", index + 1)] + y, pz[index].summary))
      }
      if index < pa.count {
        let given = above + y + (design.auxiliarySeesExample ? ["x"] : [])
        entries.append(.init("p", [name("a", index)], given: given, pa[index].summary))
      }
      if index < qa.count {
        let kind = design.auxiliary == .deterministic ? "the mean alone of a " : ""
        let given = index == 0 ? ["x"] : [name("a", index - 1), "x"]
        entries.append(.init("q", [name("a", index)], given: given, kind + qa[index].summary))
      }
      let given = (qa.isEmpty ? [] : [name("a", index)]) + [index == 0 ? "x" : name("z", index - 1)] + y
      entries.append(.init("q", [name("z", index)], given: given, qz[index].summary))
    }
    if let qy { entries.append(.init("q", y, given: ["x"] + a, qy.summary)) }
    entries.append(.init("p", ["x"], given: [name("z", 0)] + y + (design.isSkip ? a : []), px.summary))
    let variables = (a + [name("z", 0)]).joined(separator: ", ")
    let loss =
      design.classes == nil
      ? "-E_q [log p(x, a, z) - log q(a, z|x)]"
      : design.classesAreGiven
        ? "-E_q [log p(x, \(variables)|y) - log q(\(variables)|x, y)]"
        : "U(x) + L(x, y) - alpha log E_q(a|x) q(y|x\(a.map { ", " + $0 }.joined())),  the sum over y exact"
    return ModelCard(
      conditionals: entries, players: [.init("model", loss)],
      notes: reader.map { ["every network sees x as its features: \($0.summary)"] } ?? [],
      parameterCount: parameterCount)
  }
}
