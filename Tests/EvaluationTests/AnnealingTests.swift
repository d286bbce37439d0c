import Datasets
import Foundation
import Generative
import Inference
import Probability
import TestSupport
import Testing
import Torch

@testable import Evaluation

@Suite("Annealed likelihoods of a model")
struct ModelAnnealingTests {
  private let model = LinearGaussian(shift: 0.8, spread: 1.3, knowsKL: false)

  private func set(_ count: Int) throws -> (DeviceExamples, [Double]) {
    let x = LinearGaussian.examples(count, seed: 5).to(.float32)
    let examples = try Examples(name: "x", storage: .floats(x.array(Float.self)), shape: [3])
    return (
      DeviceExamples(examples, binarization: .none),
      LinearGaussian.rows(x.to(.float64)).map(model.evidence)
    )
  }

  private func options(_ temperatures: Int = 1000, _ start: AnnealingOptions.Start = .posterior) -> AnnealingOptions {
    var options = AnnealingOptions()
    options.temperatures = temperatures
    options.start = start
    return options
  }

  @Test(
    "1000 temperatures and 16 chains give exact evidence within 0.05 nats", arguments: AnnealingOptions.Start.allCases)
  func exact(_ start: AnnealingOptions.Start) throws {
    let (examples, evidence) = try set(30)
    let values = try annealedLogLikelihood(of: model, on: examples, options(1000, start), seed: 1)
    let errors = zip(values, evidence).map { $0 - $1 }
    let (average, error) = averageAndError(errors)
    #expect(abs(average) < 0.02 && error < 0.01, "\(average) ± \(error)")
    #expect(errors.allSatisfy { abs($0) < 0.1 }, "\(errors)")
  }

  @Test("batches do not depend on each other: what a killed evaluation has left changes nothing")
  func resumes() throws {
    try withTemporaryDirectory { directory in
      var few = options(20)
      few.chains = 400  // 4 examples a batch
      let (examples, _) = try set(10)
      let whole = try annealedLogLikelihood(of: model, on: examples, few, seed: 3)
      let path = directory + "/ais.json"
      struct Killed: Error {}
      let first = try PartialValues(path, key: "k")
      try first.record(Array(whole[4..<8]), of: 1)
      var steps: [Int] = []
      let again = try PartialValues(path, key: "k")
      #expect(again.count == 1)
      let values = try annealedLogLikelihood(of: model, on: examples, few, seed: 3, finished: again) { done, _ in
        steps.append(done)
      }
      #expect(values == whole)
      // The second batch was not run again.
      #expect(!steps.contains { (21...40).contains($0) } && steps.last == 60)
      #expect(try PartialValues(path, key: "k").count == 3)
      #expect(try PartialValues(path, key: "other").count == 0)
      try again.remove()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("a damaged file of finished batches is named")
  func damaged() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/ais.json"
      try Data("[1, 2".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: FileError(path, "expected the values of finished batches, got something else; remove the file")) {
        _ = try PartialValues(path, key: "k")
      }
    }
  }

  @Test("on the model's own data the bounds enclose the evidence and their gap closes")
  func bidirectional() {
    let rng = RandomSource(seed: 4)
    let gaps = [5, 500].map { count in
      let (lower, upper) = bidirectionalBounds(of: model, count: 60, options(count), using: rng)
      #expect(lower.count == 60 && upper.count == 60)
      return zip(upper, lower).map { $0 - $1 }.reduce(0, +) / 60
    }
    #expect(gaps[0] > gaps[1] && gaps[1] > -0.02 && gaps[1] < 0.03, "\(gaps)")
  }
}

@Suite("Codes of a model")
struct CodesTests {
  private func codes(_ model: LinearGaussian, _ count: Int) throws -> Codes {
    let x = LinearGaussian.examples(count, seed: 6).to(.float32)
    let examples = try Examples(
      name: "x", storage: .floats(x.array(Float.self)), shape: [3],
      labels: (0..<count).map { Int32($0 % 3) },
      classCount: 3)
    return try Codes(
      model, DeviceExamples(examples, binarization: .none), using: RandomSource(seed: 1))
  }

  @Test("means, variances and draws are the posterior's, batch after batch")
  func posterior() throws {
    let model = LinearGaussian(knowsKL: true)
    let codes = try codes(model, 1203)
    #expect(codes.means.shape == [1203, 1] && codes.labels?.shape == [1203])
    let x = LinearGaussian.examples(1203, seed: 6).to(.float32)
    expectClose(codes.means, model.encode(x, using: RandomSource(seed: 0)), absolute: 1e-6)
    let deviation = (try #require(codes.logVariances) * 0.5).exp()
    let standardized: [Double] = ((codes.draws - codes.means) * deviation.pow(-1)).array()
    expectAverage(standardized, 0)
    expectAverage(standardized.map { $0 * $0 }, 1)
  }

  @Test("a dimension is active where its mean varies by more than 0.01")
  func activeUnits() throws {
    // The posterior mean of this model varies by w^2 / (w^2 + s^2), far above 0.01.
    #expect(try codes(LinearGaussian(knowsKL: true), 500).activeUnits == 1)
  }

  @Test("variances of 0.0099 and of 0.0101 lie on either side of the threshold")
  func activityThreshold() {
    // Of +a and -a in equal numbers the variance, divisor n - 1, is a^2 n / (n - 1).
    func column(_ variance: Double) -> Tensor {
      let a = (variance * 99 / 100).squareRoot()
      return Tensor((0..<100).map { $0 % 2 == 0 ? 3 + a : 3 - a }).unsqueezed(1)
    }
    let columns = [0.0099, 0.0101, 0, 1].map(column)
    #expect(Codes.activeUnits(.concatenated(columns, axis: 1)) == 2)
    #expect(Codes.activeUnits(columns[0]) == 0)
  }
}

@Suite("Memorization")
struct MemorizationTests {
  private let rng = RandomSource(seed: 1)

  private func blocks(_ x: Tensor, _ size: Int) -> [Tensor] {
    stride(from: 0, to: x.size(0), by: size).map { x.narrowed(0, $0..<min(x.size(0), $0 + size)) }
  }

  @Test("copies are found: nearness 1, their originals first, distance 0")
  func copies() throws {
    let training = rng.normal([50, 2, 3])
    let samples = training.gathered(Tensor([7, 49, 0, 23] as [Int64]))
    let found = try Memorization(
      samples: samples, heldOut: rng.normal([30, 2, 3]), training: blocks(training, 11), neighbours: 3)
    #expect(found.nearness == 1)
    #expect(found.neighbours.map { $0[0] } == [7, 49, 0, 23])
    #expect(found.neighbours.allSatisfy { $0.count == 3 && Set($0).count == 3 })
    expectClose(found.sampleDistance, 0, absolute: 1e-3)
    #expect(found.heldOutDistance > 0.5)
  }

  @Test("neighbours are those of a search by hand, whatever the blocks", arguments: [1, 7, 64])
  func bruteForce(_ size: Int) throws {
    let (training, samples) = (rng.normal([64, 4]), rng.normal([9, 4]))
    let found = try Memorization(
      samples: samples, heldOut: rng.normal([5, 4]), training: blocks(training, size), neighbours: 5)
    let (t, s): ([Float], [Float]) = (training.array(), samples.array())
    for row in 0..<9 {
      let order = (0..<64).sorted { a, b in
        func distance(_ i: Int) -> Float { (0..<4).reduce(0) { $0 + pow(t[4 * i + $1] - s[4 * row + $1], 2) } }
        return distance(a) < distance(b)
      }
      #expect(found.neighbours[row] == Array(order[..<5]))
    }
  }

  @Test("samples like held-out data are as near as these (false alarms: 1 in 10^6)")
  func none() throws {
    let found = try Memorization(
      samples: rng.normal([800, 3]), heldOut: rng.normal([900, 3]), training: [rng.normal([500, 3])], neighbours: 1)
    #expect(abs(found.deviations) < 5 && abs(found.nearness - 0.5) < 0.08, "\(found.nearness)")
  }

  @Test("the Mann-Whitney statistic counts pairs, ties half")
  func statistic() {
    let (statistic, spread) = Memorization.mannWhitney([1, 2, 3], [2, 2, 5, 0])
    // 1: below 2, 2, 5. 2: ties with two, below 5. 3: below 5.
    #expect(statistic == 3 + 1 + 1 + 1)
    expectClose(spread, (3.0 * 4 * 8 / 12).squareRoot(), absolute: 1e-12)
  }
}
