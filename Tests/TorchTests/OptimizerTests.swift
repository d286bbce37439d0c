import Foundation
import TestSupport
import Testing
import Torch

/// Adam written out by hand in float64, one number at a time. Kingma & Ba 2015, Algorithm 1.
private struct HandAdam {
  var x: [Double]
  var first: [Double]
  var second: [Double]
  var step = 0

  init(_ x: [Double]) {
    self.x = x
    first = x.map { _ in 0 }
    second = first
  }

  mutating func update(_ gradient: [Double], rate: Double, _ options: Adam.Options) {
    step += 1
    for i in x.indices {
      let g = gradient[i] + options.weightDecay * x[i]
      first[i] = options.beta1 * first[i] + (1 - options.beta1) * g
      second[i] = options.beta2 * second[i] + (1 - options.beta2) * g * g
      let mean = first[i] / (1 - pow(options.beta1, Double(step)))
      let square = second[i] / (1 - pow(options.beta2, Double(step)))
      x[i] -= rate * mean / (square.squareRoot() + options.epsilon)
    }
  }
}

@Suite("Adam") struct AdamTests {
  static let options: [Adam.Options] = {
    var paper = Adam.Options()
    paper.beta1 = 0.9
    var decaying = paper
    decaying.weightDecay = 0.1
    decaying.epsilon = 1e-4
    var adversarial = paper
    adversarial.beta1 = 0.5
    adversarial.beta2 = 0.9
    return [paper, decaying, adversarial]
  }()

  @Test("twenty steps equal Adam by hand", arguments: options)
  func reference(_ options: Adam.Options) {
    let rng = RandomSource(seed: 1)
    // More numbers than one vector register holds, in a shape that does not fill the last one.
    let start = rng.normal([5, 7], dtype: .float64)
    let target = rng.normal([5, 7], dtype: .float64).array(Double.self)
    let parameter = Parameter(start.clone())
    let other = Parameter(Tensor([1.0]))
    let adam = Adam([parameter, other], options: options)
    var hand = HandAdam(start.array())
    for step in 1...20 {
      let rate = 0.1 / Double(step)
      let gradient = zip(parameter.value.array(Double.self), target).map { 2 * ($0 - $1) }
      adam.step([Tensor(gradient, shape: [5, 7]), Tensor([0.0])], rate: rate)
      hand.update(gradient, rate: rate, options)
      expectClose(parameter.value, hand.x, absolute: 1e-12, relative: 1e-12)
    }
    let state = adam.state(["a.weight", "b"])
    #expect(state.tensors.map(\.name) == ["a.weight.first", "b.first", "a.weight.second", "b.second"])
    #expect(state.counts.map(\.name) == ["steps"])
    expectClose(state.tensors[0].tensor, hand.first, relative: 1e-12)
    expectClose(state.tensors[2].tensor, hand.second, relative: 1e-12)
    #expect(state.counts[0].tensor.item() == 20)
  }

  @Test("float32 stays close to float64 over twenty steps")
  func singlePrecision() {
    let parameter = Parameter(Tensor([Float(1), -2, 3]))
    let adam = Adam([parameter])
    var hand = HandAdam([1, -2, 3])
    for _ in 1...20 {
      adam.step([parameter.value.detached() * 2], rate: 0.1)
      hand.update(hand.x.map { 2 * $0 }, rate: 0.1, Adam.Options())
    }
    // 20 steps of size 0.1, each rounded to 24 bits several times.
    expectClose(parameter.value, hand.x, absolute: 2e-5, relative: 0)
  }

  @Test("the gradient of a weight used transposed, or of its plain sum, moves the right elements")
  func strides() {
    let c = Tensor((0..<12).map(Double.init), shape: [4, 3])
    let uses: [(Parameter) -> Tensor] = [
      { ($0.value.transposed * c).sum() }, { $0.value.sum() },
    ]
    for use in uses {
      let parameter = Parameter(Tensor.zeros([3, 4], dtype: .float64))
      let gradient = gradients(of: use(parameter), in: [parameter.value])
      let adam = Adam([parameter])
      adam.step(gradient, rate: 0.1)
      expectClose(adam.traces[0], gradient[0].square() * 0.001)
    }
  }

  @Test("a parameter made of a strided tensor moves like any other")
  func stridedParameter() {
    let start = Tensor((0..<6).map(Double.init), shape: [2, 3])
    let parameter = Parameter(start.transposed)
    let gradient = gradients(of: (parameter.value * start.transposed).sum(), in: [parameter.value])
    Adam([parameter]).step(gradient, rate: 0.1)
    expectClose(parameter.value, [0, 2.9, 0.9, 3.9, 1.9, 4.9])
  }

  @Test("no parameters take no step")
  func empty() { Adam([]).step([], rate: 1) }

  @Test("a wrong number of gradients ends the process with its message")
  func count() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { Adam([Parameter(Tensor([1.0]))]).step([], rate: 1) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("Adam: expected 1 gradients, got 0"))
  }
}

@Suite("Gradient clipping and averages") struct ClippingTests {
  private func make() -> [Tensor] {
    [Tensor([3.0, 0]), Tensor([[0.0], [4.0]].flatMap(\.self), shape: [2, 1])]
  }

  @Test("norms are those of each tensor")
  func norms() { #expect(Torch.norms(make()).array() == [3.0, 4]) }

  @Test("a joint norm above the bound is scaled down to it")
  func norm() {
    let gradients = make()
    GradientClipping(norm: 1).apply(to: gradients, norms: Torch.norms(gradients))
    expectClose(gradients[0], [0.6, 0], absolute: 2e-6)
    expectClose(gradients[1], [0, 0.8], absolute: 2e-6)
  }

  @Test("a joint norm below the bound, or none, stays")
  func below() {
    let gradients = make()
    GradientClipping(norm: 5.1).apply(to: gradients)
    #expect(gradients[1].array() == [0.0, 4])
    let zeros = [Tensor([0.0])]
    GradientClipping(norm: 1).apply(to: zeros, norms: Torch.norms(zeros))
    #expect(zeros[0].item() == 0)
  }

  @Test("values are limited on both sides, after the norm")
  func value() {
    let gradients = [Tensor([-9.0, 0.5, 9])]
    GradientClipping(value: 2).apply(to: gradients, norms: Torch.norms(gradients))
    #expect(gradients[0].array() == [-2.0, 0.5, 2])
    let both = make()
    GradientClipping(norm: 1, value: 0.7).apply(to: both, norms: Torch.norms(both))
    expectClose(both[0], [0.6, 0], absolute: 2e-6)
    expectClose(both[1], [0, 0.7], absolute: 2e-6)
  }

  @Test("terms of a sum are scaled once")
  func shared() {
    let (x, y) = (Parameter(Tensor([1.0])), Parameter(Tensor([2.0])))
    let found = gradients(of: (x.value + y.value).sum() * 3, in: [x.value, y.value])
    GradientClipping(norm: 1).apply(to: found, norms: Torch.norms(found))
    expectClose(found[0], [(0.5).squareRoot()], absolute: 2e-6)
    expectClose(found[1], [(0.5).squareRoot()], absolute: 2e-6)
  }
}

@Suite("Schedules") struct ScheduleTests {
  /// The values at steps of a run whose epochs have five.
  private func values(_ schedule: Schedule, _ steps: [Int]) -> [Double] {
    steps.map { schedule(Clock(step: $0, stepsPerEpoch: 5)) }
  }

  @Test("a constant stays")
  func constant() { #expect(values(.constant(3), [1_000_000]) == [3]) }

  @Test("a staircase falls after each tread and stops at its floor; a tread in epochs is as many rounds")
  func step() {
    let steps = [0, 9, 10, 19, 20, 29, 30, 10_000]
    for every in [Span.steps(10), .epochs(2)] {
      let rate = Schedule.step(start: 8, factor: 0.5, every: every, floor: 1.5)
      #expect(values(rate, steps) == [8, 8, 4, 4, 2, 2, 1.5, 1.5])
    }
  }

  @Test("a cosine starts flat, is halfway in the middle and stays at its end")
  func cosine() {
    for span in [Span.steps(100), .epochs(20)] {
      let rate = Schedule.cosine(start: 3, end: 1, over: span)
      expectClose(values(rate, [0, 50, 100, 150]), [3, 2, 1, 1], relative: 1e-15)
      expectClose(values(rate, [25])[0], 2 + cos(.pi / 4), relative: 1e-15)
    }
    #expect(values(.cosine(start: 3, end: 1, over: .steps(0)), [0])[0].isFinite)
  }

  @Test("a line reaches its end at the last step and stays; it may start later")
  func linear() {
    let weight = Schedule.linear(start: 0, end: 2, until: .steps(4))
    #expect(values(weight, [0, 1, 3, 4, 5]) == [0, 0.5, 1.5, 2, 2])
    #expect(values(.linear(start: 0, end: 2, until: .steps(0)), [0]) == [2])
    let decay = Schedule.linear(start: 4, end: 0, after: .epochs(2), until: .epochs(6))
    #expect(values(decay, [0, 10, 15, 20, 30, 31]) == [4, 4, 3, 2, 0, 0])
    let mixed = Schedule.linear(start: 4, end: 0, after: .epochs(2), until: .steps(30))
    #expect(values(mixed, [0, 10, 15, 20, 30, 31]) == [4, 4, 3, 2, 0, 0])
    #expect(values(.linear(start: 4, end: 0, after: .steps(10), until: .steps(5)), [0, 9, 10]) == [4, 4, 0])
  }
}
