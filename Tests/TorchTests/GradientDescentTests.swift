import TestSupport
import Testing
import Torch

/// RMSProp written out by hand, one number at a time. Tieleman & Hinton 2012, with PyTorch's momentum.
private struct HandRMSProp {
  var x: [Double]
  var square: [Double]
  var momentum: [Double]

  init(_ x: [Double]) {
    self.x = x
    square = x.map { _ in 0 }
    momentum = square
  }

  mutating func update(_ gradient: [Double], rate: Double, _ options: RMSProp.Options) {
    for i in x.indices {
      let g = gradient[i] + options.weightDecay * x[i]
      square[i] = options.decay * square[i] + (1 - options.decay) * g * g
      let move = g / (square[i].squareRoot() + options.epsilon)
      momentum[i] = options.momentum * momentum[i] + move
      x[i] -= rate * momentum[i]
    }
  }
}

/// SGD written out by hand, one number at a time: the first step's momentum is the gradient itself.
private struct HandSGD {
  var x: [Double]
  var momentum: [Double]?

  init(_ x: [Double]) { self.x = x }

  mutating func update(_ gradient: [Double], rate: Double, _ options: SGD.Options) {
    let g = zip(gradient, x).map { $0 + options.weightDecay * $1 }
    let buffer = momentum.map { zip($0, g).map { options.momentum * $0 + $1 } } ?? g
    momentum = buffer
    for i in x.indices {
      x[i] -= rate * (options.nesterov ? g[i] + options.momentum * buffer[i] : buffer[i])
    }
  }
}

/// Two parameters with twenty steps of gradients: those of squared distances, in a shape that fills no vector register.
private struct Descent {
  let parameters: [Parameter]
  private let targets: [[Double]]

  init() {
    let rng = RandomSource(seed: 1)
    parameters = [[5, 7], [3]].map { Parameter(rng.normal($0, dtype: .float64)) }
    targets = parameters.map { rng.normal($0.value.shape, dtype: .float64).array() }
  }

  var values: [[Double]] { parameters.map { $0.value.array() } }

  func run(_ optimizer: any Optimizer, _ hand: (_ index: Int, _ gradient: [Double], _ rate: Double) -> [Double]) {
    for step in 1...20 {
      let rate = 0.1 / Double(step)
      let gradients = zip(values, targets).map { zip($0, $1).map { 2 * ($0 - $1) } }
      optimizer.step(
        zip(gradients, parameters).map { Tensor($0, shape: $1.value.shape) }, rate: rate)
      for (index, parameter) in parameters.enumerated() {
        expectClose(parameter.value, hand(index, gradients[index], rate), absolute: 1e-12, relative: 1e-12)
      }
    }
  }
}

@Suite("RMSProp") struct RMSPropTests {
  static let options: [RMSProp.Options] = {
    let plain = RMSProp.Options()
    var decaying = plain
    decaying.weightDecay = 0.1
    decaying.epsilon = 1e-2
    decaying.decay = 0.9
    var heavy = decaying
    heavy.momentum = 0.5
    return [plain, decaying, heavy]
  }()

  @Test("twenty steps equal RMSProp by hand", arguments: options)
  func reference(_ options: RMSProp.Options) {
    let descent = Descent()
    var hands = descent.values.map(HandRMSProp.init)
    let optimizer = RMSProp(descent.parameters, options: options)
    descent.run(optimizer) { index, gradient, rate in
      hands[index].update(gradient, rate: rate, options)
      return hands[index].x
    }
    let state = optimizer.state(["a.weight", "b"])
    let momentum = options.momentum == 0 ? [] : ["a.weight.momentum", "b.momentum"]
    #expect(state.tensors.map(\.name) == ["a.weight.square", "b.square"] + momentum)
    #expect(state.counts.isEmpty)
    let expected = hands.map(\.square) + (options.momentum == 0 ? [] : hands.map(\.momentum))
    for (found, expected) in zip(state.tensors, expected) { expectClose(found.tensor, expected, relative: 1e-12) }
  }

  @Test("a momentum below 0 ends the process with its message")
  func negative() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var options = RMSProp.Options()
      options.momentum = -1
      _ = RMSProp([], options: options)
    }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("RMSProp: expected a momentum of 0 or more, got -1.0"))
  }
}

@Suite("SGD") struct SGDTests {
  static let options: [SGD.Options] = {
    let heavy = SGD.Options()
    var plain = heavy
    plain.momentum = 0
    var decaying = plain
    decaying.weightDecay = 0.1
    var both = heavy
    both.weightDecay = 0.1
    var nesterov = both
    nesterov.nesterov = true
    return [heavy, plain, decaying, both, nesterov]
  }()

  @Test("twenty steps equal SGD by hand", arguments: options)
  func reference(_ options: SGD.Options) {
    let descent = Descent()
    var hands = descent.values.map(HandSGD.init)
    let optimizer = SGD(descent.parameters, options: options)
    descent.run(optimizer) { index, gradient, rate in
      hands[index].update(gradient, rate: rate, options)
      return hands[index].x
    }
    let state = optimizer.state(["a.weight", "b"])
    #expect(state.tensors.map(\.name) == (options.momentum == 0 ? [] : ["a.weight.momentum", "b.momentum"]))
    #expect(state.counts.isEmpty)
    for (found, hand) in zip(state.tensors, hands) { expectClose(found.tensor, hand.momentum!, relative: 1e-12) }
  }

  @Test("a momentum that the step cannot have ends the process with its message")
  func momentum() async throws {
    let negative = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var options = SGD.Options()
      options.momentum = -1
      _ = SGD([], options: options)
    }
    var output = String(decoding: try #require(negative).standardErrorContent, as: UTF8.self)
    #expect(output.contains("SGD: expected a momentum of 0 or more, got -1.0"))
    let none = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var options = SGD.Options()
      options.momentum = 0
      options.nesterov = true
      _ = SGD([], options: options)
    }
    output = String(decoding: try #require(none).standardErrorContent, as: UTF8.self)
    #expect(output.contains("SGD: expected a momentum above 0 with nesterov, got 0.0"))
  }
}
