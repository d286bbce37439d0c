import Foundation
import Generative
import Inference
import Probability
import Runs
import TestSupport
import Testing
import Torch
import Training

@Suite("Runs that fit potentials") struct PotentialFittingTests {
  /// Counts the steps and says nothing.
  private final class Silence: TrainingObserver {
    var steps: [Int] = []
    func completed(step: Int, of total: Int) { steps.append(step) }
    func logged(_ record: LogRecord) {}
  }

  private static func fitted(
    _ potential: Potential, auxiliary: Int?, steps: Int, _ change: (inout AuxiliaryFit.Design) -> Void = { _ in }
  ) throws -> AuxiliaryFit {
    var design = AuxiliaryFit.Design()
    design.auxiliarySize = auxiliary
    design.batchSize = 200
    change(&design)
    return try withTemporaryDirectory {
      try AuxiliaryFit.fit(
        Target(potential), design, steps: steps, learningRate: .cosine(start: 1e-2, end: 0, over: .steps(steps)),
        in: RunDirectory($0 + "/fit"), observer: Silence()
      ).model
    }
  }

  /// The mean bound and its standard error.
  private static func bound(_ model: AuxiliaryFit) -> (average: Double, error: Double) {
    averageAndError(withoutGradients { model.bound(count: 50_000, using: RandomSource(seed: 9)) }.array(Double.self))
  }

  @Test("a Gaussian potential is fitted to within 0.01 nats of log Z", arguments: [nil, 4])
  func gaussian(_ auxiliary: Int?) throws {
    let potential = Potential(name: "gaussian") { z in
      ((z - Tensor([1, -0.5]).to(z.dtype)) / Tensor([0.5, 1.5]).to(z.dtype)).square().sum(-1) * 0.5 + 2
    }
    let logZ = potential.logNormalizer(half: 15)
    expectClose(logZ, log(2 * .pi * 0.5 * 1.5) - 2, absolute: 1e-9)
    let (average, error) = Self.bound(try Self.fitted(potential, auxiliary: auxiliary, steps: 1500))
    #expect(average > logZ - 0.01 && average < logZ + 5 * error)
  }

  @Test("an auxiliary variable brings the bound nearer to log Z than a Gaussian does, and never above it")
  func nearer() throws {
    let logZ = Potential.u2.logNormalizer()
    let gaussian = Self.bound(try Self.fitted(.u2, auxiliary: nil, steps: 1500))
    let auxiliary = Self.bound(try Self.fitted(.u2, auxiliary: 4, steps: 1500))
    #expect(gaussian.average < logZ && auxiliary.average < logZ + 5 * auxiliary.error)
    #expect(auxiliary.average > gaussian.average + 0.5, "\(logZ): \(gaussian), \(auxiliary)")
  }

  private func state(_ run: RunDirectory) throws -> [String: [UInt8]] {
    try Safetensors(contentsOf: run.checkpoint(.last)).tensors.mapValues { $0.bytes() }
  }

  @Test("a fit that was stopped goes on to the bits of the unbroken one; other settings are refused")
  func resume() throws {
    try withTemporaryDirectory { directory in
      let (whole, broken) = (RunDirectory(directory + "/whole"), RunDirectory(directory + "/broken"))
      let listener = Silence()
      func fit(_ run: RunDirectory, seed: UInt64 = 1, until stop: Int = .max) throws -> Outcome {
        listener.steps = []
        var design = AuxiliaryFit.Design()
        design.batchSize = 20
        return try AuxiliaryFit.fit(Target(.u1), design, steps: 30, seed: seed, in: run, observer: listener) {
          listener.steps.count >= stop
        }.outcome
      }
      let outcomes = [try fit(whole), try fit(broken, until: 11), try fit(broken)]
      #expect(outcomes == [.finished, .interrupted, .finished])
      // It went on, rather than begin anew to the same end.
      #expect(listener.steps == Array(12...30))
      let (end, expected) = (try state(broken), try state(whole))
      #expect(end == expected)
      let text = message { _ = try fit(broken, seed: 2) }
      #expect(text == "\(broken.path): expected a fit with these settings, found a run with others")
    }
  }
}
