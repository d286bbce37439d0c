import Datasets
import Foundation
import Networks
import Probability
import TestSupport
import Testing
import Torch

@testable import Generative

/// Models of three binary pixels small enough for all of them to be listed and all codes to be integrated over.
@Suite("Deep generative models with auxiliary variables") struct AuxiliaryModelTests {
  private static let pixels = 3

  /// What exists in a model.
  private struct Kind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let design: AuxiliaryDesign

    init(_ name: String, _ change: (inout AuxiliaryDesign) -> Void) {
      var design = AuxiliaryDesign()
      (design.auxiliarySize, design.latentSizes, design.hidden) = (1, [1], [[4], [5]])
      (design.activation, design.isNormalized) = (.tanh, false)
      change(&design)
      (testDescription, self.design) = (name, design)
    }

    func with(_ change: (inout AuxiliaryDesign) -> Void) -> AuxiliaryDesign {
      var design = design
      change(&design)
      return design
    }
  }

  private static let m2 = Kind("M2") { ($0.classes, $0.auxiliary) = (2, .none) }
  private static let adgm = Kind("ADGM") { $0.classes = 2 }
  private static let sdgm = Kind("SDGM") { ($0.classes, $0.isSkip) = (2, true) }
  private static let seeing = Kind("ADGM, p(a|z, y, x)") { ($0.classes, $0.auxiliarySeesExample) = (2, true) }
  private static let fixed = Kind("ADGM, deterministic a") { ($0.classes, $0.auxiliary) = (2, .deterministic) }
  private static let avae1 = Kind("AVAE, 1 layer") { _ in }
  private static let avae2 = Kind("AVAE, 2 layers") { $0.latentSizes = [1, 1] }
  private static let read = Kind("SDGM, x read and written by networks") {
    ($0.classes, $0.isSkip) = (2, true)
    $0.reader = { MLP($0, hidden: [4], activation: .tanh, using: $1) }
    $0.writer = { features, _, rng in MLP([features], hidden: [3], activation: .tanh, using: rng) }
  }
  private static let all = [m2, adgm, sdgm, seeing, fixed, avae1, avae2, read]
  /// Class by class.
  private static let blocks = [m2, sdgm, read].map { kind in
    Kind("\(kind), class by class") { design in design = kind.with { ($0.rowsAtOnce, $0.samples) = (1, 2) } }
  }

  /// A model whose conditionals are far from where training starts.
  private static func model(_ design: AuxiliaryDesign, seed: UInt64 = 5) -> AuxiliaryModel {
    let model = AuxiliaryModel([pixels], .bernoulli, design, using: RandomSource(seed: 1))
    model.convert(to: .float64)
    let rng = RandomSource(seed: seed)
    withoutGradients {
      for parameter in model.parameters {
        parameter.value.addInPlace(rng.normal(parameter.value.shape, dtype: .float64) * 0.25)
      }
    }
    return model
  }

  /// Every picture there is, `[8, 3]`.
  private static let pictures = Tensor(
    (0..<1 << pixels).flatMap { index in (0..<pixels).map { Double(index >> $0 & 1) } }, shape: [1 << pixels, pixels])

  /// log p(x, y) of every picture, or log p(x) without classes, by quadrature over all normal numbers a code has.
  private static func exact(_ model: AuxiliaryModel, classes: Int?) -> [[Double]] {
    let (side, reach) = (81, 7.0)
    let step = 2 * reach / Double(side - 1)
    let axis = (0..<side).map { -reach + step * Double($0) }
    let noises = model.prior.dimension - (classes ?? 0)
    let grid: [[Double]] = noises == 1 ? axis.map { [$0] } : axis.flatMap { u in axis.map { [u, $0] } }
    return (0..<(classes ?? 1)).map { y in
      let codes = grid.flatMap { $0 + (0..<(classes ?? 0)).map { $0 == y ? 1 : 0 } }
      let code = Tensor(codes, shape: [grid.count, model.prior.dimension])
      let logPrior = StandardNormal(noises, dtype: .float64).logProb(code.narrowed(-1, 0..<noises))
      return withoutGradients {
        (0..<pictures.size(0)).map { index in
          let logJoint = model.likelihood(code).logProb(pictures.at(index)) + logPrior
          return logJoint.logSumExp(0).item() + Double(noises) * log(step) - log(Double(classes ?? 1))
        }
      }
    }
  }

  private static func evidence(_ joint: [[Double]]) -> [Double] {
    joint[0].indices.map { index in log(joint.reduce(0) { $0 + exp($1[index]) }) }
  }

  @Test("the mean importance weight is the evidence by quadrature (false alarms: 1 in 10^6)", arguments: all)
  private func evidence(_ kind: Kind) {
    let model = Self.model(kind.design)
    let exact = Self.evidence(Self.exact(model, classes: kind.design.classes))
    expectClose(exact.reduce(0) { $0 + Foundation.exp($1) }, 1, absolute: 1e-6)
    let weights = withoutGradients {
      model.logWeights(Self.pictures, samples: 20_000, using: RandomSource(seed: 2)).exp()
    }
    for (index, logEvidence) in exact.enumerated() {
      expectAverage(weights.at(index, axis: 1).array(Double.self), Foundation.exp(logEvidence))
    }
  }

  @Test("labelled weights average to p(x, y); both bounds lie below the evidence and rise with importance weights")
  func bounds() {
    let classes = Tensor([Int32](repeating: 1, count: 8)).to(.int64)
    for kind in [Self.m2, Self.adgm, Self.sdgm, Self.seeing] {
      let joint = Self.exact(Self.model(kind.design), classes: 2)
      let rng = RandomSource(seed: 3)
      withoutGradients {
        let model = Self.model(kind.design)
        let draws = (auxiliary: 20_000, latent: 1)
        let drawn = model.auxiliaries(Self.pictures, draws, using: rng)
        let (likelihood, rest) = model.logWeight(Self.pictures, drawn, classes: classes, draws, using: rng)
        let weights = (likelihood + rest).squeezed(0).exp()
        for index in 0..<8 { expectAverage(weights.at(index, axis: 1).array(Double.self), exp(joint[1][index])) }
      }
      func mean(_ draws: Int, _ bound: (AuxiliaryModel) -> Tensor) -> (average: Double, error: Double) {
        let model = Self.model(kind.with { ($0.samples, $0.isImportanceWeighted) = (draws, draws > 1) })
        return withoutGradients { averageAndError((0..<400).map { _ in bound(model).mean().item() }) }
      }
      for (exact, bound) in [
        (joint[1], { (model: AuxiliaryModel) in model.labelledBound(Self.pictures, classes, using: rng) }),
        (Self.evidence(joint), { $0.unlabelledBound(Self.pictures, using: rng) }),
      ] {
        let evidence = exact.reduce(0, +) / 8
        let (one, many) = (mean(1, bound), mean(50, bound))
        #expect(
          one.average + 5 * one.error < many.average && many.average < evidence, "\(kind) \(one) \(many) \(evidence)")
      }
    }
  }

  @Test(
    "enumerating classes is repeating the batch for each: values, gradients, batch norm", arguments: [m2, adgm, sdgm])
  private func enumeration(_ kind: Kind) {
    let design = kind.with { ($0.classes, $0.isNormalized, $0.hidden, $0.samples) = (4, true, [[6, 5]], 2) }
    let x = RandomSource(seed: 4).bernoulli(.full([5, Self.pixels], 0.5, dtype: .float64))
    let draws = (auxiliary: 2, latent: 3)
    func results(_ weights: (AuxiliaryModel, AuxiliaryModel.Auxiliaries) -> (likelihood: Tensor, rest: Tensor))
      -> [Tensor]
    {
      let model = Self.model(design)
      return TrainingMode.run {
        let drawn = model.auxiliaries(x, draws, using: RandomSource(seed: 5))
        let (likelihood, rest) = weights(model, drawn)
        let value = (likelihood + rest).reshaped([3, 2, 20])
        // Not a plain sum, so that every weight has a gradient of its own.
        let scalar = (value * Tensor.range(20, dtype: .float64, device: .cpu)).sum()
        return [value] + gradients(of: scalar, in: model.parameters.map(\.value))
      }
    }
    let enumerated = results { model, drawn in
      model.logWeight(x, drawn, classes: nil, draws, using: RandomSource(seed: 6))
    }
    let repeated = results { model, drawn in
      func copies(_ value: Tensor, _ axis: Int) -> Tensor {
        value.gathered(Tensor((0..<20).map { Int32($0 / 4) }).to(.int64), axis: axis)
      }
      let classes = Tensor((0..<20).map { Int32($0 % 4) }).to(.int64)
      return model.logWeight(
        copies(x, 0), (copies(drawn.x, 0), drawn.a.map { copies($0, 1) }, drawn.logProb.map { copies($0, 1) }),
        classes: classes, draws,
        using: RandomSource(seed: 6))
    }
    for (a, b) in zip(enumerated, repeated) { expectClose(a, b, absolute: 1e-9, relative: 1e-9) }
  }

  private static let normalized = [m2, adgm, sdgm, seeing, read].map { kind in
    Kind("\(kind), batch norm") { design in
      design = kind.with { ($0.classes, $0.isNormalized, $0.hidden, $0.samples) = (4, true, [[6, 5]], 2) }
    }
  }
  private static let normalizedImage = Kind("\(m2), batch norm behind the hidden layers too") { design in
    design = m2.with { ($0.classes, $0.isNormalized, $0.hidden) = (4, true, [[6, 5]]) }
    design.writer = { features, _, rng in Normalized(features, using: rng) }
  }

  /// A network with a batch norm of its own.
  private final class Normalized: Network {
    private let linear: Linear
    private let norm: BatchNorm
    let summary = "normalized"

    init(_ features: Int, using rng: RandomSource) {
      linear = Linear(features, 3, using: rng)
      norm = BatchNorm(3)
    }

    let outputShape = [3]

    func callAsFunction(_ x: Tensor) -> Tensor {
      let h = linear(x)
      return norm(h.reshaped([-1, 3])).reshaped(h.shape).tanh()
    }
  }

  @Test(
    "with batch norm, classes in blocks are all classes at once: bound, gradients, averages",
    arguments: normalized + [normalizedImage])
  private func normalizedBlocks(_ kind: Kind) {
    let x = RandomSource(seed: 4).bernoulli(.full([5, Self.pixels], 0.5, dtype: .float64))
    let results = [16_384, 20, 1].map { rows in
      let model = Self.model(kind.with { $0.rowsAtOnce = rows })
      return TrainingMode.run {
        let bound = model.unlabelledBound(x, temperature: 0.6, using: RandomSource(seed: 6))
        return [bound.detached()] + gradients(of: bound.mean(), in: model.parameters.map(\.value))
          + model.namedTensors.filter { $0.name.hasSuffix("mean") || $0.name.hasSuffix("variance") }.map(\.tensor)
      }
    }
    #expect(results[0][1...].contains { $0.square().sum().item() > 0 })
    for blocked in results.dropFirst() {
      #expect(blocked.count == results[0].count)
      for (a, b) in zip(blocked, results[0]) { expectClose(a, b, absolute: 1e-10, relative: 1e-9) }
    }
  }

  @Test("batch norm averages the unlabelled pass alone", arguments: [m2, adgm, sdgm])
  private func unlabelledAverages(_ kind: Kind) throws {
    let design = kind.with { ($0.isNormalized, $0.alpha) = (true, 0.7) }
    func averages(_ body: (AuxiliaryModel, Recorder) throws -> Void) rethrows -> [Tensor] {
      let model = Self.model(design)
      let labelled = Batch(x: Self.pictures.narrowed(0, 0..<2), labels: Tensor([Int32(0), 1]).to(.int64))
      let table = Recorder([.main: Batch(x: Self.pictures), .labelled: labelled], using: RandomSource(seed: 14))
      try TrainingMode.run { try body(model, table) }
      return model.namedTensors.filter { $0.name.hasSuffix(".mean") || $0.name.hasSuffix(".variance") }.map(\.tensor)
    }
    let played = try averages { try $0.play($1) }
    let alone = averages { _ = $0.unlabelledBound(Self.pictures, using: $1.rng) }
    #expect(!played.isEmpty && zip(played, alone).allSatisfy { $0.isEqual(to: $1) })
  }

  @Test("an a that nothing looks at, drawn as it is scored, changes no weight")
  func blind() {
    var plain = Self.avae1.design
    plain.auxiliary = .none
    let (with, without) = (Self.model(Self.avae1.design), Self.model(plain))
    withoutGradients {
      for (name, parameter) in with.namedParameters {
        // q(a|x) and p(a|z) become N(0, 1); q(z|a, x) sees x alone.
        if name.hasPrefix("qa.0.heads") || name.hasPrefix("pa.0.heads") || name == "qz.0.network.maps.1.weight" {
          parameter.value.multiplyInPlace(0)
        }
      }
      let known = Dictionary(uniqueKeysWithValues: with.namedParameters.map { ($0.name, $0.parameter) })
      for (name, parameter) in without.namedParameters {
        parameter.value.copyInPlace(known[name]!.value)
      }
      let draws = (auxiliary: 3, latent: 1)
      let values = [with, without].map { model in
        let drawn = model.auxiliaries(Self.pictures, draws, using: RandomSource(seed: 7))
        let (likelihood, rest) = model.logWeight(
          Self.pictures, drawn, classes: nil, draws, using: RandomSource(seed: 8))
        return likelihood + rest
      }
      expectClose(values[0], values[1], absolute: 1e-12)
    }
  }

  @Test("where q(y|x) is sure, the unlabelled bound is the labelled one; names of classes do not matter")
  func classes() {
    let sure = Self.model(Self.m2.design)
    let named = Dictionary(uniqueKeysWithValues: sure.namedParameters.map { ($0.name, $0.parameter.value) })
    withoutGradients {
      named["qy.head.weight"]!.multiplyInPlace(0)
      named["qy.head.bias"]!.addInPlace(Tensor([0.0, 60], shape: [2]))
      let classes = Tensor([Int32](repeating: 1, count: 8)).to(.int64)
      let draws = (auxiliary: 1, latent: 1)
      let (likelihood, rest) = sure.logWeight(
        Self.pictures, (Self.pictures, [], nil), classes: nil, draws, using: RandomSource(seed: 9))
      let alone = (likelihood + rest).at(1, axis: 3).at(0).at(0)
      expectClose(sure.unlabelledBound(Self.pictures, using: RandomSource(seed: 9)), alone, absolute: 1e-9)
      let rng = RandomSource(seed: 10)
      let differences = (0..<400).map { _ in
        (sure.unlabelledBound(Self.pictures, using: rng) - sure.labelledBound(Self.pictures, classes, using: rng))
          .mean().item()
      }
      expectAverage(differences, 0)
    }
    let before = Self.model(Self.adgm.design)
    let after = Self.model(Self.adgm.design)
    withoutGradients {
      for (name, parameter) in after.namedParameters where name.hasSuffix("table") || name.hasPrefix("qy.head") {
        parameter.value.copyInPlace(parameter.value.flipped(0))
      }
    }
    let exact = [before, after].map { Self.exact($0, classes: 2) }
    expectClose(exact[0][0], exact[1][1], absolute: 1e-12)
    expectClose(exact[0][1], exact[1][0], absolute: 1e-12)
    let probabilities = withoutGradients {
      [before, after].map { $0.classProbabilities(Self.pictures, samples: 3, using: RandomSource(seed: 11)) }
    }
    expectClose(probabilities[0], probabilities[1].flipped(1), absolute: 1e-12)
  }

  @Test(
    "drawn classes, and classes one by one, give the bound and its gradients of the sum over classes, on average",
    arguments: [m2, adgm, sdgm], [2, nil])
  private func classesApart(_ kind: Kind, _ count: Int?) {
    // Each round is as good as 30 of the pictures once.
    let (x, rounds) = (Tensor.concatenated([Tensor](repeating: Self.pictures, count: 30)), 100)
    let summed = Self.model(kind.design)
    let sampled = Self.model(kind.with { ($0.classDraws, $0.rowsAtOnce) = (count, 32) })
    let names = ["qy.head.bias", "qy.head.weight"]
    func estimates(_ model: AuxiliaryModel, seed: UInt64) -> [[Double]] {
      let rng = RandomSource(seed: seed)
      let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
      return (0..<rounds).map { _ in
        let bound = model.unlabelledBound(x, temperature: 0.6, using: rng).mean()
        let gradients = gradients(of: bound, in: names.map { named[$0]! })
        return [bound.item()] + gradients.map { $0.flattened().at(0).item() }
      }
    }
    let (exact, drawn) = (estimates(summed, seed: 31), estimates(sampled, seed: 32))
    for index in 0...names.count { expectAverage(zip(exact, drawn).map { $0[index] - $1[index] }, 0) }
  }

  @Test("both bounds are the evidence itself where q is the true posterior", arguments: [m2, adgm])
  private func tight(_ kind: Kind) {
    let model = Self.model(kind.with { $0.hidden = [[4]] })
    let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
    withoutGradients {
      // x is made of y alone, and a and z are N(0, 1) whatever they are given.
      for (name, value) in named where name.contains("heads") || name == "px.network.maps.0.weight" {
        value.multiplyInPlace(0)
      }
      let classes = Tensor([Int32(0), 1]).to(.int64)
      let noise = Tensor.zeros([2, model.prior.dimension - 2], dtype: .float64)
      let codes = Tensor.concatenated([noise, classes.oneHot(2).to(.float64)], axis: 1)
      let p = model.likelihood(codes)
      // log p(y|x) is linear in x: log odds of the pixels, and the probability of none.
      let none = p.logProb(.zeros([1, Self.pixels], dtype: .float64))
      let odds = (0..<Self.pixels).map { pixel in
        p.logProb(Tensor((0..<Self.pixels).map { $0 == pixel ? 1.0 : 0 }, shape: [1, Self.pixels])) - none
      }
      // Where it is small, tanh is the identity.
      let small = 1e-4
      for (name, value) in named where name.hasPrefix("qy.") {
        value.multiplyInPlace(0)
      }
      named["qy.network.maps.0.weight"]!.narrowed(0, 0..<Self.pixels).copyInPlace(
        Tensor((0..<9).map { $0 % 4 == 0 ? small : 0 }, shape: [3, 3]))
      named["qy.head.weight"]!.narrowed(1, 0..<Self.pixels).copyInPlace(Tensor.stacked(odds, axis: 1) / small)
      named["qy.head.bias"]!.copyInPlace(none)
      let exact = Tensor.stacked(
        (0..<2).map { y in
          model.likelihood(codes.narrowed(0, y..<y + 1)).logProb(Self.pictures) - log(2)
        }, axis: 1)
      let rng = RandomSource(seed: 35)
      expectClose(model.unlabelledBound(Self.pictures, using: rng), exact.logSumExp(1), absolute: 1e-6)
      for y in 0..<2 {
        let labels = Tensor([Int32](repeating: Int32(y), count: 8)).to(.int64)
        expectClose(model.labelledBound(Self.pictures, labels, using: rng), exact.at(y, axis: 1), absolute: 1e-12)
      }
    }
  }

  @Test(
    "the terms of the lower bound are -U(x) draw by draw, below the weights that sum the class out",
    arguments: all + blocks)
  private func lowerBounds(_ kind: Kind) {
    let model = Self.model(kind.with { $0.samples = 7 })
    withoutGradients {
      let terms = model.lowerBounds(Self.pictures, samples: 7, using: RandomSource(seed: 3))
      #expect(terms.shape == [7, 8])
      let bound = model.unlabelledBound(Self.pictures, using: RandomSource(seed: 3))
      expectClose(terms.mean(0), bound, absolute: 1e-12)
      let weights = model.logWeights(Self.pictures, samples: 7, using: RandomSource(seed: 3)).mean(0)
      if kind.design.classes == nil { return expectClose(bound, weights, absolute: 1e-12) }
      // E_q log (w / q) < log sum w, unless q is the true posterior.
      #expect((weights - bound).min().item() > 1e-6)
    }
  }

  @Test("codes are drawn from q: the class by its probability, z about its mean given that class")
  func drawnCodes() {
    let model = Self.model(Self.m2.design)
    withoutGradients {
      let x = Self.pictures.narrowed(0, 5..<6).expanded([4000, Self.pixels])
      let codes = model.drawnCodes(x, using: RandomSource(seed: 4))
      #expect(codes.shape == [4000, 3] && model.withoutClass(codes).shape == [4000, 1])
      let y = codes.narrowed(1, 1..<3)
      let probability = model.classProbabilities(x.narrowed(0, 0..<1), samples: 1, using: RandomSource(seed: 5))
      expectAverage(y.at(1, axis: 1).array(Double.self), probability.at(1, axis: 1).item())
      let q = model.qz[0]([x], classes: y.argmax(1))
      let noise = ((model.withoutClass(codes) - q.mean) / q.scale).array(Double.self)
      expectAverage(noise, 0)
      expectAverage(noise.map { $0 * $0 }, 1)
    }
  }

  @Test("a Markov chain draws its codes: it does not show what the means make", arguments: [m2, adgm, sdgm])
  private func chain(_ kind: Kind) {
    let chain = MarkovChain(Self.model(kind.design))
    let shown = [1, 2].map { chain.step(Self.pictures, using: RandomSource(seed: $0)).shown }
    #expect(!shown[0].isEqual(to: shown[1]))
  }

  @Test("what the units tell and the likelihood add up to the bound", arguments: [m2, adgm, sdgm])
  private func units(_ kind: Kind) {
    let model = Self.model(kind.design)
    let rng = RandomSource(seed: 33)
    withoutGradients {
      let flat = Self.pictures
      // Where q(y|x, a) is sure of a class, it is the class that the units are measured at.
      let named = Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
      named["qy.head.weight"]!.multiplyInPlace(0)
      named["qy.head.bias"]!.addInPlace(Tensor([0.0, 60], shape: [2]))
      let classes = Tensor([Int32](repeating: 1, count: 8)).to(.int64)
      let differences = (0..<3000).map { _ in
        let units = model.unitInformation(flat, using: rng).reduce(0) { $0 + $1.nats.sum().item() }
        let drawn = model.auxiliaries(flat, (1, 1), using: rng)
        let likelihood = model.logWeight(flat, drawn, classes: classes, (1, 1), using: rng).likelihood.mean().item()
        return likelihood - log(2) - units - model.labelledBound(flat, classes, using: rng).mean().item()
      }
      expectAverage(differences, 0)
    }
  }

  @Test("an example's code is a function of it; its class can be exchanged", arguments: [m2, adgm, sdgm, avae2])
  private func codes(_ kind: Kind) {
    let model = Self.model(kind.design)
    withoutGradients {
      let code = model.encode(Self.pictures, using: RandomSource(seed: 12))
      #expect(code.shape == [8, model.prior.dimension])
      if kind.design.classes == 2 {
        let y = model.classProbabilities(Self.pictures, samples: 1, using: RandomSource(seed: 12))
        #expect(y.sum(1).array(Double.self).allSatisfy { abs($0 - 1) < 1e-12 })
        let other = model.code(code, ofClass: Tensor([Int32](repeating: 0, count: 8)).to(.int64))
        expectClose(other.narrowed(1, 0..<code.size(1) - 2), code.narrowed(1, 0..<code.size(1) - 2))
        #expect(other.at(code.size(1) - 2, axis: 1).array(Double.self) == [Double](repeating: 1, count: 8))
      }
      #expect(model.encode(Self.pictures, using: RandomSource(seed: 13)).isEqual(to: code))
    }
  }

  /// The loss of a round with the same noise for every design.
  private static func round(_ model: AuxiliaryModel) throws -> Loss {
    let labelled = Batch(x: pictures.narrowed(0, 0..<2), labels: Tensor([Int32(0), 1]).to(.int64))
    let table = Recorder([.main: Batch(x: pictures), .labelled: labelled], using: RandomSource(seed: 14))
    try model.play(table)
    return table.loss(of: "model")
  }

  @Test(
    "a prior N(0, 1) adds |W|^2 / 2N of the weights alone to the loss: no bias, no batch norm, no learned scale",
    arguments: [avae1, adgm, m2, read])
  private func weightPrior(_ kind: Kind) throws {
    let (family, examples) = (LikelihoodFamily.gaussian(.perDimension), 50)
    func model(_ examples: Int?) -> AuxiliaryModel {
      let design = kind.with { ($0.priorExamples, $0.isNormalized) = (examples, true) }
      let model = AuxiliaryModel([Self.pixels], family, design, using: RandomSource(seed: 1))
      model.convert(to: .float64)
      return model
    }
    let (plain, model) = (model(nil), model(examples))
    let (before, after) = (try Self.round(plain), try Self.round(model))
    var expected = 0.0
    var isWeight: [String: Bool] = [:]
    for (name, parameter) in model.namedParameters {
      let isVector = name.hasSuffix("bias") || name.contains("norms") || name.hasSuffix("logScale")
      isWeight[name] = !isVector
      if !isVector { expected += parameter.value.square().sum().item() / Double(2 * examples) }
    }
    #expect(isWeight.values.contains(false) && expected > 0)
    expectClose(after.value.mean() - before.value.mean(), [expected], absolute: 1e-12)
    #expect(after.terms.last?.key == "weights_nats" && !before.terms.contains { $0.name == "weights" })
    let slopes = zip(
      gradients(of: after.value.mean(), in: model.parameters.map(\.value)),
      gradients(of: before.value.mean(), in: plain.parameters.map(\.value))
    ).map { $0 - $1 }
    for ((name, parameter), slope) in zip(model.namedParameters, slopes) {
      let wanted = isWeight[name]! ? parameter.value.detached() / Double(examples) : parameter.value.detached() * 0
      expectClose(slope, wanted, absolute: 1e-12)
    }
  }

  @Test("the labelled examples' bound and classification loss have one factor", arguments: [m2, adgm])
  private func labelledWeight(_ kind: Kind) throws {
    let loss = try Self.round(Self.model(kind.with { ($0.alpha, $0.labelledWeight) = (10, 0.01) }))
    let terms = Dictionary(uniqueKeysWithValues: loss.terms.map { ($0.name, $0.value.mean().item()) })
    let expected = terms["unlabelled"]! + 0.01 * (terms["labelled"]! + 10 * terms["classification"]!)
    expectClose(loss.value.mean(), [expected], absolute: 1e-9)
  }

  @Test("gradients of the loss are finite differences", arguments: all + blocks)
  private func differences(_ kind: Kind) throws {
    let model = Self.model(
      kind.with { ($0.alpha, $0.temperature, $0.labelledWeight, $0.priorExamples) = (0.7, .constant(0.3), 0.5, 20) })
    let labelled = Batch(x: Self.pictures.narrowed(0, 0..<2), labels: Tensor([Int32(0), 1]).to(.int64))
    try compareWithDifferences(model.namedParameters.map { ($0.name, $0.parameter.value) }, limit: 6) {
      let table = Recorder([.main: Batch(x: Self.pictures), .labelled: labelled], using: RandomSource(seed: 14))
      try model.play(table)
      #expect(table.feedsRead == (kind.design.classes == nil ? [.main] : [.main, .labelled]))
      return table.loss(of: "model").value.mean()
    }
  }
}
