import Networks
import Probability
import Torch

extension HelmholtzMachine {
  /// A value of each layer going up, made by `value` of what is predicted of it from the layer below.
  func upwards(from x: Tensor, _ value: (any Distribution, Int) -> Tensor) -> [Tensor] {
    var h: [Tensor] = []
    var below = (reader.map { $0(x) } ?? x).flattened(from: 1)  // [batch, features]
    for (index, layer) in qh.enumerated() {
      below = value(layer(below), index)
      h.append(below)
    }
    return h
  }

  /// log q(h|x) of layers given for examples: nats, `[batch]`, differentiable in q.
  func recognitionLogProb(_ h: [Tensor], given x: Tensor) -> Tensor {
    var terms: [Tensor] = []
    _ = upwards(from: x) { q, index in
      terms.append(q.logProb(h[index]))
      return h[index]
    }
    return terms.dropFirst().reduce(terms[0], +)
  }

  /// log q(h|x), log p(x, h) and log p(x|h1) alone at draws of q(h|x), which no gradient goes through: nats,
  /// `[count, batch]`, differentiable in the networks; log q(h|x) is a constant where q does not learn awake.
  func explanations(
    of x: Tensor, _ count: Int, using rng: RandomSource
  ) -> (logQ: Tensor, logP: Tensor, logLikelihood: Tensor) {
    var logQ: [Tensor] = []
    func draw() -> [Tensor] {
      upwards(from: x) { q, index in
        let h = q.sample(index == 0 ? [count] : [], using: rng)  // [count, batch, size]
        logQ.append(q.logProb(h))
        return h
      }
    }
    // Nobody asks for q's gradient awake where it learns asleep.
    let h = learning == .sleep ? withoutGradients(draw) : draw()
    let logLikelihood = px(h[0]).logProb(x)
    return (logQ.dropFirst().reduce(logQ[0], +), logLikelihood + pz.logProb(h), logLikelihood)
  }
}

extension HelmholtzMachine: ImportanceSampled, CodeSampler {
  public var prior: any CodePrior { pz }

  public func likelihood(_ z: Tensor) -> any Distribution { px(z.narrowed(-1, 0..<qh[0].shape[0])) }

  /// The means of each layer given the means of the one below: probabilities, where layers are of zeros and ones.
  public func encode(_ x: Tensor, using rng: RandomSource) -> Tensor {
    .concatenated(upwards(from: x) { q, _ in q.mean }, axis: -1)
  }

  public func drawnCodes(_ x: Tensor, using rng: RandomSource) -> Tensor {
    withoutGradients { .concatenated(upwards(from: x) { q, _ in q.sample([], using: rng) }, axis: -1) }
  }

  public func logWeights(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    withoutGradients {
      let (logQ, logP, _) = explanations(of: x, samples, using: rng)
      return logP - logQ
    }
  }
}

extension HelmholtzMachine: Described {
  public var card: ModelCard {
    let count = qh.count
    func h(_ index: Int) -> String { "h\(index + 1)" }
    let upper = ph.enumerated().reversed().map { index, layer in
      ModelCard.Entry("p", [h(index)], given: [h(index + 1)], layer.summary)
    }
    let inferred = qh.enumerated().map { index, layer in
      ModelCard.Entry("q", [h(index)], given: [index == 0 ? "x" : h(index - 1)], layer.summary)
    }
    let weights = "w_k as p(x, h_k) / q(h_k|x), of \(particles) draws h_k ~ q(h|x)"
    let (awake, asleep) = ("-sum_k w_k log q(h_k|x)", "-E_p(x, h) log q(h|x)")
    let inference =
      switch learning {
      case .sleep: asleep
      case .wake: awake
      case .both: "\(awake) \(asleep)"
      }
    return ModelCard(
      conditionals: [.init("p", [h(count - 1)], pz.top.summary)] + upper
        + [.init("p", ["x"], given: [h(0)], px.summary)] + inferred,
      players: [
        .init("generative", particles == 1 ? "-E_q(h|x) log p(x, h)" : "-sum_k w_k log p(x, h_k),  \(weights)"),
        .init("recognition", inference),
      ],
      notes: (count == 1 ? [] : ["h is \((0..<count).map(h).joined(separator: ", ")); q(h|x) goes up, p(h) down."])
        + (reader.map { ["q(h1|x) sees x as its features: \($0.summary)"] } ?? []),
      parameterCount: parameterCount)
  }
}
