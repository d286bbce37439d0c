import TestSupport
import Testing
import Torch

@Suite("Averages of weights") struct WeightAverageTests {
  private func make() -> [Parameter] {
    let rng = RandomSource(seed: 1)
    return [Parameter(rng.normal([5, 7], dtype: .float64)), Parameter(rng.normal([3], dtype: .float64))]
  }

  @Test("ten updates equal the recursion by hand", arguments: [0, 0.3, 0.9, 1])
  func recursion(_ decay: Double) {
    let parameters = make()
    let average = WeightAverage(parameters, decay: decay)
    var hand = parameters.map { $0.value.array(Double.self) }
    let rng = RandomSource(seed: 2)
    for _ in 1...10 {
      withoutGradients {
        for parameter in parameters {
          parameter.value.addInPlace(rng.normal(parameter.value.shape, dtype: .float64))
        }
      }
      let before = parameters.map { $0.value.clone() }
      average.update()
      for (index, parameter) in parameters.enumerated() {
        #expect(parameter.value.isEqual(to: before[index]))
        hand[index] = zip(hand[index], parameter.value.array(Double.self)).map { decay * $0 + (1 - decay) * $1 }
        expectClose(average.tensors[index], hand[index], absolute: 1e-12, relative: 1e-12)
      }
    }
    #expect(average.tensors.allSatisfy { !$0.requiresGradient })
  }

  @Test("it starts at the parameters, in storage of its own")
  func start() {
    let parameters = make()
    let average = WeightAverage(parameters, decay: 0.9)
    let before = parameters[0].value.clone()
    withoutGradients { parameters[0].value.fillInPlace(0) }
    #expect(average.tensors[0].isEqual(to: before))
  }

  @Test("a swap exchanges parameters and averages, and a second one undoes it to the bit")
  func swap() {
    let parameters = make()
    let average = WeightAverage(parameters, decay: 0.9)
    withoutGradients { for parameter in parameters { parameter.value.multiplyInPlace(1.0 / 3) } }
    average.update()
    let (values, averages) = (parameters.map { $0.value.clone() }, average.tensors.map { $0.clone() })
    let handles = (parameters.map(\.value), average.tensors)
    average.swap()
    for index in parameters.indices {
      #expect(parameters[index].value.isEqual(to: averages[index]))
      #expect(average.tensors[index].isEqual(to: values[index]))
      #expect(!averages[index].isEqual(to: values[index]))
      // The tensors are the same objects, so that optimizers and checkpoints keep seeing them.
      #expect(parameters[index].value === handles.0[index] && average.tensors[index] === handles.1[index])
      #expect(parameters[index].value.requiresGradient)
    }
    average.swap()
    for index in parameters.indices {
      #expect(parameters[index].value.isEqual(to: values[index]))
      #expect(average.tensors[index].isEqual(to: averages[index]))
    }
  }

  @Test("it frees what it makes, also without parameters")
  func leaks() {
    let average = WeightAverage(make(), decay: 0.9)
    requireNoLeaks {
      average.update()
      average.swap()
    }
    requireNoLeaks { _ = WeightAverage(make(), decay: 0.9) }
    let none = WeightAverage([], decay: 0.9)
    none.update()
    none.swap()
  }

  @Test("a decay above 1 ends the process with its message")
  func decay() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = WeightAverage([], decay: 1.5) }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("WeightAverage: expected a decay between 0 and 1, got 1.5"))
  }
}
