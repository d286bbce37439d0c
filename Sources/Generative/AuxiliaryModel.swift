import Datasets
import Foundation
import Networks
import Probability
import Torch

/// Deep generative models with auxiliary variables a, stochastic layers z and a class y, each of which may be missing.
///
/// Maaløe et al. 2016. Without a class it is the AVAE of L layers (Eqs. 19 and 20); with one and one layer the ADGM, the
/// SDGM where x is made of a too, the ADGM with a deterministic a, and, without a, the M2 of Kingma et al. 2014. A class
/// that is not known is summed over exactly: `a` is drawn once for x, y is enumerated, z is drawn for each (a, y).
public final class AuxiliaryModel: Game, LatentVariableModel {
  /// From x to the features that stand for it in every network; nil for x as it is.
  private let reader: (any Network)?
  let layers: [AuxiliaryLayer]
  /// q(y|x, a), up to its affine end.
  private let classifier: JointMLP?
  private let logits: Linear?
  /// p(x|z, y, a), up to its affine end.
  private let features: JointMLP
  private let decoder: Likelihood
  let design: AuxiliaryDesign
  private let player: Player

  /// - Parameters:
  ///   - exampleShape: `[channels, h, w]` or `[d]`.
  ///   - observation: the family of p(x|z, y, a).
  public init(_ exampleShape: [Int], _ observation: Observation, _ design: AuxiliaryDesign, using rng: RandomSource) {
    self.design = design
    reader = design.reader.map { $0(exampleShape, rng) }
    let size = (reader?.outputShape ?? exampleShape).reduce(1, *)
    let (a, z) = (design.auxiliary == .none ? [] : [design.auxiliarySize], design.latentSizes)
    func inference(_ inputs: [Int], _ classes: Int?, _ hidden: [Int]) -> JointMLP {
      design.network(inputs, classes: classes, hidden: hidden, using: rng)
    }
    layers = z.indices.map { index in
      let hidden = design.hidden[min(index, design.hidden.count - 1)]
      let isTop = index == z.count - 1
      return AuxiliaryLayer(
        encodesAuxiliary: a.isEmpty
          ? nil
          : JointGaussian(
            inference(index == 0 ? [size] : a + [size], nil, hidden), dimension: a[0], using: rng),
        encodes: JointGaussian(
          inference(index == 0 ? [size] + a : a + [z[index - 1]], design.classes, hidden), dimension: z[index],
          using: rng),
        generatesAuxiliary: design.auxiliary != .stochastic
          ? nil
          : JointGaussian(
            inference(Array(z[index...]) + (design.auxiliarySeesExample ? [size] : []), design.classes, hidden),
            dimension: a[0], using: rng),
        generates: isTop
          ? nil : JointGaussian(inference([z[index + 1]], design.classes, hidden), dimension: z[index], using: rng))
    }
    classifier = design.classes.map { _ in inference([size] + a, nil, design.hidden[0]) }
    logits = design.classes.map {
      Linear(design.hidden[0].last!, $0, initialization: .glorotNormal(gain: 1), using: rng)
    }
    features = inference([z[0]] + (design.isSkip ? a : []), design.classes, design.hidden[0])
    let outputShape = [exampleShape[0] * observation.outputsPerDimension] + exampleShape.dropFirst()
    let width = features.width
    decoder = Likelihood(
      design.writer.map { $0(width, outputShape, rng) } ?? MLP([width], hidden: [], using: rng), observation,
      shape: exampleShape,
      initialization: .glorotNormal(gain: 1), using: rng)
    player = Player("model", [reader] + layers + [classifier, logits, features, decoder])
  }

  public var exampleShape: [Int] { decoder.shape }

  // MARK: Inference

  /// How many draws make a bound: of a for each x, and of z for each a (and y).
  typealias Draws = (auxiliary: Int, latent: Int)

  /// What stands for x in every network, `[batch, features]`; auxiliary variables of every layer, `[draws, batch,
  /// dimension]`; and the log density they were drawn with.
  typealias Auxiliaries = (x: Tensor, a: [Tensor], logProb: Tensor?)

  /// What the networks are given in place of examples `[batch] + shape`: `[batch, features]`.
  func read(_ image: Tensor) -> Tensor { (reader.map { $0(image) } ?? image).flattened(from: 1) }

  func auxiliaries(_ image: Tensor, _ draws: Draws, using rng: RandomSource) -> Auxiliaries {
    let x = read(image)
    var (a, logProb): ([Tensor], Tensor?) = ([], nil)
    for encoder in layers.compactMap(\.encodesAuxiliary) {
      let q = encoder(a.suffix(1) + [x])
      let lead = a.isEmpty ? [draws.auxiliary] : []
      guard design.auxiliary == .stochastic else {
        a.append(q.mean.expanded(lead + q.mean.shape))
        continue
      }
      a.append(q.rsample(lead, using: rng))
      logProb = logProb.map { $0 + q.logProb(a.last!) } ?? q.logProb(a.last!)
    }
    return (x, a, logProb)
  }

  /// What q of z of a layer is given beside the class: a of the layer, and x or z below it.
  func given(_ index: Int, _ x: Tensor, _ a: [Tensor], _ z: [Tensor]) -> [Tensor] {
    index == 0 ? [x] + a.prefix(1) : a.dropFirst(index).prefix(1) + [z[index - 1]]
  }

  /// log q(y|x, a), `[draws of a, batch, classes]`.
  func logClassProbabilities(_ drawn: Auxiliaries) -> Tensor {
    let scores = classScores(drawn.x, drawn.a).logSoftmax(-1)
    return drawn.a.isEmpty ? scores.unsqueezed(0) : scores
  }

  /// log q(y|x, a) up to a constant.
  func classScores(_ x: Tensor, _ a: [Tensor]) -> Tensor { logits!(classifier!([x] + a.prefix(1))).inFloat() }

  /// log p(x, y, a, z) - log q(a|x) - log q(z|a, y, x) at fresh z, in two parts: log p(x|z, y, a), and the rest.
  ///
  /// - Parameters:
  ///   - image: `[batch] + shape`.
  ///   - classes: `[batch]`; or `[draws of y, draws of a, batch]`, whose weights have that axis too; or nil for all classes
  ///     of every example, on a further axis behind the batch.
  ///   - block: some classes in place of all.
  /// - Returns: what broadcasts to `[draws of z, draws of a, batch]`, with a further axis of enumerated classes.
  func logWeight(
    _ image: Tensor, _ drawn: Auxiliaries, classes: Tensor?, among block: Range<Int>? = nil, _ draws: Draws,
    using rng: RandomSource
  ) -> (likelihood: Tensor, rest: Tensor) {
    let isEnumerated = design.classes != nil && classes == nil
    func spread(_ value: Tensor) -> Tensor { isEnumerated ? value.unsqueezed(-2) : value }
    let y = design.classes.map {
      classes ?? Tensor.range($0, dtype: .int64, device: image.device).narrowed(0, block ?? 0..<$0)
    }
    let x = spread(drawn.x)
    let a = drawn.a.map(spread)
    var z: [Tensor] = []
    var rest = Tensor(design.classes.map { -log(Double($0)) } ?? 0, dtype: x.dtype, device: x.device)
    if let logProb = drawn.logProb { rest = rest - (isEnumerated ? logProb.unsqueezed(-1) : logProb) }
    for (index, layer) in layers.enumerated() {
      let q = layer.encodes(given(index, x, a, z), classes: y)
      let hasDraws = !a.isEmpty || (classes?.rank ?? 1) > 1
      let lead = index > 0 ? [] : hasDraws ? [draws.latent] : [draws.latent, draws.auxiliary]
      z.append(q.rsample(lead, using: rng))
      rest = rest - q.logProb(z[index])
    }
    for (index, layer) in layers.enumerated() {
      let prior: any Density =
        layer.generates.map { $0([z[index + 1]], classes: y) } ?? StandardNormal(z[index].size(-1), dtype: x.dtype)
      rest = rest + prior.logProb(z[index])
      guard let generator = layer.generatesAuxiliary else { continue }
      let inputs = Array(z[index...]) + (design.auxiliarySeesExample ? [x] : [])
      rest = rest + generator(inputs, classes: y).logProb(a[index])
    }
    let p = likelihood(z[0], a.first, classes: y)
    return (p.logProb(isEnumerated ? image.unsqueezed(1) : image), rest)
  }

  /// p(x|z, y, a).
  func likelihood(_ z: Tensor, _ a: Tensor?, classes: Tensor?) -> any Distribution {
    decoder(features([z] + (design.isSkip ? [a!] : []), classes: classes))
  }

  // MARK: Training

  public var score: Score? { .bound { [self] batch, rng in unlabelledBound(batch.x, using: rng) } }

  public var players: [Player] { [player] }

  public func play(_ table: any Table) throws {
    let x = try table.batch(.main).x
    let labelled = try design.classes.map { _ in try table.batch(.labelled) }
    let temperature = design.temperature(table.clock)
    let unlabelled = unlabelledBound(x, temperature: temperature, using: table.rng)
    guard let labelled, let classes = labelled.labels else { return try table.move(player, Loss(-unlabelled)) }
    let drawn = auxiliaries(labelled.x, design.draws, using: table.rng)
    let bound = labelledBound(labelled.x, classes, drawn, temperature, table.rng)
    // Eq. 12, with the probabilities averaged over draws of a, as the authors do.
    let logQ = logMeanExp(logClassProbabilities(drawn))
    let classification = -logQ.taken(classes.unsqueezed(1), along: 1).squeezed(1)
    let total = classification.mean() * design.alpha - unlabelled.mean() - bound.mean()
    try table.move(
      player,
      Loss(
        total,
        terms: [
          .init("unlabelled", -unlabelled), .init("labelled", -bound), .init("classification", classification),
        ]))
  }
}

extension AuxiliaryModel: ImportanceSampled {
  /// The class is summed out, so that E w = p(x) and E log w <= log p(x).
  public func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    let draws = (auxiliary: samples, latent: 1)
    let drawn = auxiliaries(x, draws, using: rng)
    func logWeights(_ block: Range<Int>?) -> Tensor {
      let (likelihood, rest) = logWeight(x, drawn, classes: nil, among: block, draws, using: rng)
      return (likelihood + rest).squeezed(0)
    }
    guard let count = design.classes else { return logWeights(nil) }
    let parts = blocks(of: count, rows: samples * x.size(0)).map { logWeights($0).logSumExp(-1, keepAxes: true) }
    return Tensor.concatenated(parts, axis: -1).logSumExp(-1)
  }
}

extension AuxiliaryModel: ClassConditional {
  public var classCount: Int { design.classes ?? 0 }

  public func classProbabilities(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    logClassProbabilities(auxiliaries(x, (samples, 1), using: rng)).exp().mean(0)
  }

  /// The last numbers of a code are scores of the classes; the largest is the class.
  public func code(_ code: Tensor, ofClass classes: Tensor) -> Tensor {
    .concatenated(
      [code.narrowed(-1, 0..<code.size(-1) - classCount), classes.oneHot(classCount).to(code.dtype)], axis: -1)
  }
}

extension AuxiliaryModel: Described {
  public var card: ModelCard {
    var entries: [ModelCard.Entry] = [.init("p(z)", "N(0, I), \(design.latentSizes.last!) dimensions")]
    let y = design.classes == nil ? "" : ", y"
    if let classes = design.classes { entries.append(.init("p(y)", "one of \(classes) classes, all equal")) }
    for (index, layer) in layers.enumerated() {
      let number = layers.count == 1 ? "" : "\(index + 1)"
      let above = (index..<layers.count).map { layers.count == 1 ? "z" : "z\($0 + 1)" }.joined(separator: ", ")
      if let network = layer.generates { entries.append(.init("p(z\(number)|z\(index + 2)\(y))", network.summary)) }
      if let network = layer.generatesAuxiliary {
        entries.append(.init("p(a\(number)|\(above)\(y)\(design.auxiliarySeesExample ? ", x" : ""))", network.summary))
      }
      if let network = layer.encodesAuxiliary {
        let given = index == 0 ? "x" : "a\(index), x"
        let kind = design.auxiliary == .deterministic ? "the mean alone of a " : ""
        entries.append(.init("q(a\(number)|\(given))", kind + network.summary))
      }
      let a = layer.encodesAuxiliary == nil ? "" : "a\(number), "
      entries.append(.init("q(z\(number)|\(a)\(index == 0 ? "x" : "z\(index)")\(y))", layer.encodes.summary))
    }
    let a = design.auxiliary == .none ? "" : ", a"
    if let classifier { entries.append(.init("q(y|x\(a))", "categorical, \(classifier.summary)-\(classCount)")) }
    if let reader { entries.append(.init("x", "as its features: \(reader.summary)")) }
    let first = layers.count == 1 ? "z" : "z1"
    entries.append(
      .init(
        "p(x|\(first)\(y)\(design.isSkip ? a : ""))",
        design.writer == nil
          ? "\(decoder.observation.name), \(features.summary)" : "\(decoder.summary), after \(features.summary)"))
    let loss =
      design.classes == nil
      ? "-E_q [log p(x, a, z) - log q(a, z|x)]"
      : "U(x) + L(x, y) - alpha log E_q(a|x) q(y|x\(a)),  the sum over y exact"
    return ModelCard(conditionals: entries, players: [.init("model", loss)], parameterCount: parameterCount)
  }
}
