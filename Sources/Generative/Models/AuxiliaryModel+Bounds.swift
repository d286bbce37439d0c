import Probability
import Torch

extension AuxiliaryModel {
  /// The mean of log weights over their first axis, which disappears, or the log of the mean weight.
  private func pooled(_ logWeights: Tensor) -> Tensor {
    design.isImportanceWeighted ? logMeanExp(logWeights) : logWeights.mean(0)
  }

  /// -L(x, y) of Eq. 10, or the AVAE's bound of Eq. 2 without a class: nats, `[batch]`.
  ///
  /// - Parameter temperature: the factor on all but log p(x|.), for a warm-up.
  public func labelledBound(
    _ x: Tensor, _ classes: Tensor?, temperature: Double = 1, using rng: RandomSource
  ) -> Tensor {
    labelledBound(x, classes, auxiliaries(x, design.draws, using: rng), temperature, rng)
  }

  func labelledBound(
    _ x: Tensor, _ classes: Tensor?, _ drawn: Auxiliaries, _ temperature: Double, _ rng: RandomSource
  ) -> Tensor {
    let (likelihood, rest) = logWeight(x, drawn, classes: classes, design.draws, using: rng)
    return pooled(pooled(likelihood + rest * temperature))  // [batch]
  }

  /// -U(x) of Eq. 11: nats, `[batch]`. The sum over classes is exact, or of `design.classDraws` draws.
  public func unlabelledBound(_ x: Tensor, temperature: Double = 1, using rng: RandomSource) -> Tensor {
    let drawn = auxiliaries(x, design.draws, using: rng)
    guard let classes = design.classes else { return labelledBound(x, nil, drawn, temperature, rng) }
    let logQ = logClassProbabilities(drawn)  // [draws of a, batch, classes]
    if let count = design.classDraws {
      return pooled(sampledBound(x, drawn, logQ, count, temperature, rng))
    }
    let blocks = blocks(of: classes, rows: design.samples * design.latentDraws * x.size(0))
    guard blocks.count > 1, !design.isImportanceWeighted else {
      return pooled(expectation(x, drawn, logQ, nil, temperature, rng))
    }
    return design.isNormalized
      ? normalizedBound(x, drawn, logQ, blocks, temperature, rng) : bound(x, drawn, logQ, blocks, temperature, rng)
  }

  /// The terms of Eq. 11 of some classes, or of all, weighted by q(y|x, a) and summed: `[draws of a, batch]`.
  private func expectation(
    _ x: Tensor, _ drawn: Auxiliaries, _ logQ: Tensor, _ block: Range<Int>?, _ temperature: Double, _ rng: RandomSource
  ) -> Tensor {
    let (likelihood, rest) = logWeight(x, drawn, classes: nil, among: block, design.draws, using: rng)
    let value = pooled(likelihood + rest * temperature)  // [draws of a, batch, classes]
    let logQ = block.map { logQ.narrowed(-1, $0) } ?? logQ  // [draws of a, batch, classes]
    return (logQ.exp() * (value - logQ * temperature)).sum(-1)  // [draws of a, batch]
  }

  /// Ranges of classes, equal but for the last, of which each makes `design.rowsAtOnce` rows at most.
  func blocks(of classes: Int, rows: Int) -> [Range<Int>] {
    let most = max(1, design.rowsAtOnce / rows)
    let count = (classes + most - 1) / most
    let size = (classes + count - 1) / count
    return stride(from: 0, to: classes, by: size).map { $0..<min(classes, $0 + size) }
  }

  /// The bound with its sum over classes block by block: a thousand classes need no more memory than a few.
  private func bound(
    _ x: Tensor, _ drawn: Auxiliaries, _ logQ: Tensor, _ blocks: [Range<Int>], _ temperature: Double,
    _ rng: RandomSource
  ) -> Tensor {
    let given = [drawn.x] + drawn.a + (drawn.logProb.map { [$0] } ?? []) + [logQ]
    return sum(over: blocks, of: given, in: parameters) { given, block in
      let drawn = (
        x: given[0], a: Array(given[1...].prefix(drawn.a.count)),
        logProb: drawn.logProb.map { _ in given[given.count - 2] }
      )
      return expectation(x, drawn, given[given.count - 1], block, temperature, rng)
    }
  }

  /// The bound with the likelihood alone block by block. Batch norm has the statistics of all classes: in a block of one
  /// the class would be a constant, and lost. So the hidden layers see all of them at once, and the parameters of
  /// p(x|.), which are the most numbers by far, are made for one block after the other.
  private func normalizedBound(
    _ x: Tensor, _ drawn: Auxiliaries, _ logQ: Tensor, _ blocks: [Range<Int>], _ temperature: Double,
    _ rng: RandomSource
  ) -> Tensor {
    let (code, rest) = logWeightOfCodes(x, drawn, classes: nil, design.draws, using: rng)
    let q = logQ.exp()  // [draws of a, batch, classes]
    let ofCodes = (q * (pooled(rest) - logQ) * temperature).sum(-1)  // [draws of a, batch]
    let likelihood = px.likelihood
    // Batch norm in the likelihood itself, as a network of images may have it, leaves nothing to divide.
    let isDivisible = likelihood.namedTensors.count == likelihood.parameters.count
    let ofExamples = sum(
      over: isDivisible ? blocks : [0..<classCount], of: [px.features(code), q], in: likelihood.parameters
    ) { given, block in
      let value = pooled(likelihood(given[0].narrowed(-2, block)).logProb(x.unsqueezed(1)))
      return (given[1].narrowed(-1, block) * value).sum(-1)  // [draws of a, batch]
    }
    return ofCodes.mean(0) + ofExamples
  }

  /// The sum over blocks of what `part` makes of some tensors, `[draws of a, batch]`, averaged over draws: `[batch]`.
  ///
  /// The gradients of a block are worked out while it is there. They are put on the result as those of a linear
  /// function, and are right for the sum and the mean over the batch.
  private func sum(
    over blocks: [Range<Int>], of given: [Tensor], in parameters: [Parameter], _ part: ([Tensor], Range<Int>) -> Tensor
  ) -> Tensor {
    let zero = Tensor(0, dtype: given[0].dtype, device: given[0].device)
    guard given.contains(where: \.requiresGradient) else {
      return blocks.reduce(zero) { $0 + part(given, $1) }.mean(0)  // [batch]
    }
    let leaves = given.map { $0.requiresGradient ? $0.detached().requiringGradient() : $0 }
    let cuts = zip(given, leaves).filter { $0.0.requiresGradient }.map { (given: $0, leaf: $1) }
    let pairs = parameters.map { (given: $0.value, leaf: $0.value) } + cuts
    var total = zero
    var slopes: [Tensor] = []
    for block in blocks {
      let value = part(leaves, block).mean(0)  // [batch]
      let found = gradients(of: value.sum(), in: pairs.map(\.leaf))
      total = total + value.detached()
      slopes = slopes.isEmpty ? found : zip(slopes, found).map { $0 + $1 }
    }
    let linear = zip(pairs, slopes).reduce(zero) { $0 + ($1.0.given * $1.1).sum() }
    return total + (linear - linear.detached()) / Double(total.size(0))
  }

  /// The bound with the sum over classes by draws of y, for more classes than there is room for: `[draws of a, batch]`.
  ///
  /// The entropy of q(y|x, a) is exact. A draw says nothing of the gradient of its own probability, so that it is
  /// scored by what the other draws of its example did not expect. Maaløe et al. 2016, section 5.
  private func sampledBound(
    _ x: Tensor, _ drawn: Auxiliaries, _ logQ: Tensor, _ count: Int, _ temperature: Double, _ rng: RandomSource
  ) -> Tensor {
    // [draws of a, batch, classes]
    let logQ = drawn.a.isEmpty ? logQ.expanded([design.samples] + logQ.shape.dropFirst()) : logQ
    let y = Categorical(logits: logQ.detached()).sample([count], using: rng)  // [count, draws of a, batch]
    let (likelihood, rest) = logWeight(x, drawn, classes: y, design.draws, using: rng)
    let value = pooled(likelihood + rest * temperature)  // [count, draws of a, batch]
    let reward = value.detached()
    let others = count == 1 ? reward * 0 : (reward.sum(0, keepAxes: true) - reward) / Double(count - 1)
    let rows = logQ.expanded([count] + logQ.shape)  // [count, draws of a, batch, classes]
    let logQOfY = rows.taken(y.unsqueezed(-1), along: -1).squeezed(-1)  // [count, draws of a, batch]
    let score = logQOfY * (reward - others)
    return (value + score - score.detached()).mean(0) - (logQ.exp() * logQ).sum(-1) * temperature
  }
}
