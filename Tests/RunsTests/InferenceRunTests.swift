import Evaluation
import Foundation
import Generative
import Inference
import Probability
import Runs
import TestSupport
import Testing
import Torch
import Training

@Suite("Inference for a density") struct InferenceRunTests {
  private static func correlated() throws -> Target {
    try .gaussian(mean: Tensor([0.0, 0]), covariance: Tensor([1, 0.9, 0.9, 1], shape: [2, 2]))
  }

  /// Counts the steps and says nothing.
  private final class Counter: TrainingObserver {
    var steps: [Int] = []
    func completed(step: Int, of total: Int) { steps.append(step) }
    func logged(_ record: LogRecord) {}
  }

  private static func found(
    _ target: Target, _ method: InferenceMethod, reference: Tensor? = nil,
    _ change: (inout InferenceSettings) -> Void = { _ in }
  ) throws -> InferenceRun.Found {
    var settings = InferenceSettings(method)
    change(&settings)
    return try withTemporaryDirectory { directory in
      let run = try InferenceRun(target, settings)
      let found = try run.carryOut(in: RunDirectory(directory + "/run"), reference: reference)
      return try #require(found)
    }
  }

  private static func covariance(_ x: Tensor) -> [Double] {
    let centred = x.to(.float64) - x.to(.float64).mean(0)
    return (centred.transposed.matmul(centred) / Double(x.size(0) - 1)).array(Double.self)
  }

  // MARK: Exact answers

  @Test("full rank is exact on a Gaussian: the bound is log Z, the covariance its own")
  func fullRank() throws {
    let (draws, result) = try Self.found(Self.correlated(), .adviFullRank)
    let value = try #require(result.bound.value)
    #expect(result.bound.kind == .exact && abs(value) < 0.02, "\(result.bound)")
    expectClose(Tensor(Self.covariance(draws)), [1, 0.9, 0.9, 1], absolute: 0.05)
    #expect(result.logEvidence == 0 && result.rHat == nil && result.divergences == nil && result.modes == nil)
  }

  @Test("mean field on it has variances of 0.19 and a gap of 0.830366")
  func meanField() throws {
    let (draws, result) = try Self.found(Self.correlated(), .adviMeanField)
    let (value, error) = (try #require(result.bound.value), try #require(result.bound.standardError))
    expectClose(value, -0.830366, absolute: 0.01 + 3 * error)
    expectClose(Tensor(Self.covariance(draws)), [0.19, 0, 0, 0.19], absolute: 0.02)
  }

  @Test("no bound by a density is above log Z of the torus; chains find E r^2 = 2.005179 (false alarms: 1 in 10^6)")
  func torus() throws {
    let logZ = try #require(Target.torus.logNormalizer)
    expectClose(logZ, 1.714753, absolute: 1e-6)
    for (method, rule) in [(InferenceMethod.adviMeanField, GaussianRule.converge), (.adviFullRank, .stan)] {
      let bound = try Self.found(.torus, method) { $0.rule = rule }.result.bound
      let (value, error) = (try #require(bound.value), try #require(bound.standardError))
      #expect(value < logZ + 5 * error && value > logZ - 3, "\(bound)")
    }
    let (draws, result) = try Self.found(.torus, .hmc) { ($0.samples, $0.thinning, $0.iterations) = (2000, 10, 200) }
    expectAverage(draws.square().sum(1).array(), 2.005179)
    #expect(result.bound.value == nil && result.bound.standardError == nil && result.bound.kind == .none)
    #expect(result.columns == ["z1", "z2"] && result.samples == 2000)
  }

  @Test(
    "chains share the modes of the eight schools evenly, and agree with exact draws in every column and what is derived",
    arguments: [InferenceMethod.hmc, .nuts])
  func eightSchools(_ method: InferenceMethod) throws {
    let target = EightSchools.authors.target
    let logZ = try #require(target.logNormalizer)
    expectClose(logZ, -12.710812, absolute: 1e-6)
    let draw = try #require(target.reference)
    let exact = draw(1000, RandomSource(seed: 3))
    let isNUTS = method == .nuts
    let (_, result) = try Self.found(target, method, reference: exact) {
      ($0.samples, $0.thinning, $0.iterations) = (1000, isNUTS ? 10 : 25, isNUTS ? 80 : 150)
    }
    let modes = try #require(result.modes)
    #expect(modes.map(\.name) == ["tau < 0", "tau > 0"])
    // 5 standard errors of 1000 draws.
    #expect(modes.allSatisfy { abs($0.mass - 0.5) < 0.08 }, "\(modes)")
    let ks = try #require(result.ks)
    #expect(Set(ks.keys) == Set(target.columns + ["|tau|"] + (1...8).map { "theta\($0)" }))
    // Exceeded once in 2 million pairs of 1000 draws.
    #expect(ks.values.allSatisfy { $0 < 0.122 }, "\(ks)")
    let (to, from) = (try #require(result.klToReference), try #require(result.klFromReference))
    #expect(abs(to) < 0.2 && abs(from) < 0.2, "\(to), \(from)")
    let rHat = try #require(result.rHat)
    // Four draws of a chain that are not far apart; by default they are.
    #expect(rHat.count == 10 && rHat.values.allSatisfy { $0 < 1.5 }, "\(rHat)")
  }

  @Test("no chain stays where it starts, be that where the density is narrow", arguments: [InferenceMethod.hmc, .nuts])
  func noneIsStuck(_ method: InferenceMethod) throws {
    let isNUTS = method == .nuts
    let (draws, _) = try Self.found(EightSchools.authors.target, method) {
      ($0.samples, $0.chains) = (1000, 500)
      ($0.thinning, $0.iterations) = isNUTS ? (8, 60) : (20, 150)
    }
    let chains = draws.reshaped([500, 2, 10])
    let moved = (chains.at(0, axis: 1) - chains.at(1, axis: 1)).abs().max(1).array(Double.self)
    #expect(moved.allSatisfy { $0 > 0 }, "\(moved.count { $0 == 0 }) stay")
  }

  @Test("a perfect draw of one mode has a KL by nearest neighbours near log 2")
  func oneMode() throws {
    let exact = try #require(EightSchools.authors.target.reference)
    let draws = exact(6000, RandomSource(seed: 7))
    let rows = (draws.at(1, axis: 1) .> 0).array(Bool.self).indices.filter { draws.at($0).at(1).item() > 0 }
    let half = draws.gathered(Tensor(rows.prefix(1500).map { Int64($0) }))
    let found = try neighbourKL(half, exact(1500, RandomSource(seed: 8)), k: 1)
    expectClose(found, log(2), absolute: 0.15)
  }

  // MARK: The contract

  @Test("the JSON has every key each time, null for what is not known")
  func contract() throws {
    let keys: Set = [
      "target", "method", "columns", "samples", "bound", "log_evidence", "rhat", "ess", "divergences",
      "kl_to_reference", "kl_from_reference", "ks", "modes", "seconds",
    ]
    func object(_ result: InferenceResult) throws -> [String: Any] {
      try #require(JSONSerialization.jsonObject(with: Data(result.json().utf8)) as? [String: Any])
    }
    let ring = Target("ring", columns: ["x", "y"]) { z in (z.square().sum(-1).sqrt() - 2).square() * -8 }
    let chains = try object(Self.found(ring, .hmc) { ($0.samples, $0.thinning, $0.iterations) = (40, 1, 20) }.result)
    #expect(Set(chains.keys) == keys)
    for key in ["log_evidence", "kl_to_reference", "kl_from_reference", "ks", "modes"] {
      #expect(chains[key] is NSNull, "\(key)")
    }
    #expect((chains["rhat"] as? [String: Any])?.keys.sorted() == ["x", "y"])
    #expect((chains["ess"] as? [String: Any])?.keys.sorted() == ["x", "y"])
    #expect(chains["divergences"] is Int && chains["columns"] as? [String] == ["x", "y"])
    #expect(chains["target"] as? String == "ring" && chains["method"] as? String == "hmc")
    #expect(chains["samples"] as? Int == 40 && chains["seconds"] is Double)
    let none = try #require(chains["bound"] as? [String: Any])
    #expect(Set(none.keys) == ["value", "standard_error", "kind"] && none["value"] is NSNull)
    #expect(none["standard_error"] is NSNull && none["kind"] as? String == "none")
    let reference = RandomSource(seed: 1).normal([50, 2], dtype: .float64)
    let fit = try object(
      Self.found(.rosenbrock, .adviMeanField, reference: reference) { ($0.samples, $0.iterations) = (60, 20) }.result)
    #expect(Set(fit.keys) == keys)
    #expect(fit["rhat"] is NSNull && fit["ess"] is NSNull && fit["divergences"] is NSNull)
    #expect(fit["kl_to_reference"] is Double && fit["kl_from_reference"] is Double && fit["log_evidence"] is Double)
    #expect((fit["ks"] as? [String: Any])?.keys.sorted() == ["z1", "z2"])
    let modes = try #require(fit["modes"] as? [[String: Any]])
    #expect(modes.map { $0["name"] as? String } == ["z2 < 0", "z2 > 0"])
    #expect(modes.compactMap { $0["mass"] as? Double }.reduce(0, +) == 1)
    #expect((fit["bound"] as? [String: Any])?["kind"] as? String == "exact")
  }

  @Test("log Z is there where it is exact: all variants of the eight schools, the plane, a logistic of three numbers")
  func evidence() throws {
    for name in ["torus", "rosenbrock", "u1", "u4", "funnel"] {
      #expect(try NamedTarget(name).target.logNormalizer != nil, "\(name)")
    }
    for variant in EightSchools.allCases {
      var options = NamedTarget.Options()
      options.variant = variant.rawValue
      #expect(try NamedTarget("eight-schools", options).target.logNormalizer != nil)
    }
  }

  @Test("chains share out any number of draws", arguments: [1, 3, 97, 1000, 1997])
  func anyNumber(_ samples: Int) throws {
    let (draws, result) = try Self.found(.torus, .hmc) { ($0.samples, $0.thinning, $0.iterations) = (samples, 1, 1) }
    #expect(draws.shape == [samples, 2] && result.samples == samples)
    #expect((result.rHat != nil) == (samples >= 4))
  }

  @Test("draws that repeat have no KL by nearest neighbours, and a note says so")
  func repeated() throws {
    let reference = RandomSource(seed: 1).normal([30, 2], dtype: .float64)
    let start: @Sendable (Int, RandomSource) -> Tensor = { n, rng in rng.normal([n, 2], dtype: .float64) * 0.01 }
    let flat = Target("steep", columns: ["x", "y"], start: start, logDensity: { $0.square().sum(-1) * -1e6 })
    // No warm-up to speak of: the step is far too long, and the chain stays where it is.
    let result = try Self.found(flat, .hmc, reference: reference) {
      ($0.samples, $0.chains, $0.thinning, $0.iterations) = (20, 2, 1, 1)
    }.result
    #expect(result.klToReference == nil && result.klFromReference == nil && result.ks != nil)
    #expect(
      result.notes.count == 1
        && result.notes[0].hasSuffix(
          "repeats another, as chains do that stay where they are; a larger --thin helps"),
      "\(result.notes)")
  }

  @Test("a critic that was saturated is named in the report")
  func saturation() throws {
    try withTemporaryDirectory { directory in
      let place = RunDirectory(directory + "/run")
      var settings = InferenceSettings(.avb)
      (settings.iterations, settings.samples) = (2, 10)
      (settings.implicit.criticWidth, settings.implicit.batchSize) = (8, 16)
      func report() throws -> String {
        _ = try InferenceRun(.torus, settings).carryOut(in: place)
        return try String(contentsOfFile: place.report, encoding: .utf8)
      }
      let sentence = "The critic was saturated, |V| &gt; 20 on 99 % of a batch, in 100 % of the rounds"
      #expect(try !report().contains(sentence))
      let log = try String(contentsOfFile: place.metrics, encoding: .utf8)
      let key = "\"\(CriticSaturation.key)\": "
      #expect(log.contains(key + "0.0"))
      try Data(log.replacing(key + "0.0", with: key + "1.0").utf8).write(to: URL(fileURLWithPath: place.metrics))
      #expect(try report().contains(sentence))
    }
  }

  // MARK: Resuming

  @Test(
    "stopped anywhere and carried out again, a run ends with the bits of the unbroken one",
    arguments: InferenceMethod.allCases.map { ($0, GaussianRule?.none) } + [(.adviFullRank, .stan)])
  func resume(_ method: InferenceMethod, _ rule: GaussianRule?) throws {
    try withTemporaryDirectory { directory in
      var settings = InferenceSettings(method)
      (settings.samples, settings.rule) = (40, rule)
      settings.iterations = method.hasChains ? 30 : method.isImplicit ? 6 : method == .svgd ? 20 : 130
      if method.hasChains { (settings.chains, settings.thinning) = (10, 3) }
      settings.implicit.criticWidth = 16
      settings.implicit.batchSize = 32
      let run = try InferenceRun(.rosenbrock, settings)
      let (whole, broken) = (RunDirectory(directory + "/whole"), RunDirectory(directory + "/broken"))
      let expected = try #require(try run.carryOut(in: whole))
      var found: InferenceRun.Found?
      let counter = Counter()
      var stops = 0
      while found == nil {
        let limit = counter.steps.count + [3, 1, 157, 23][stops % 4]
        found = try run.carryOut(in: broken, observer: counter) { counter.steps.count >= limit }
        if found == nil { stops += 1 }
      }
      #expect(stops > 1)
      // It went on, rather than begin anew to the same end.
      #expect(counter.steps == Array(1...counter.steps.count))
      #expect(try #require(found).draws.isEqual(to: expected.draws))
      let files = try [whole, broken].map { try Data(contentsOf: URL(fileURLWithPath: InferenceRun.samples(in: $0))) }
      #expect(files[0] == files[1])
      #expect(found?.result.bound == expected.result.bound)
      // A run that is over has its numbers once more.
      let again = try #require(try run.carryOut(in: broken))
      #expect(again.draws.isEqual(to: expected.draws) && again.result.bound == expected.result.bound)
    }
  }

  @Test("a directory of another target, other settings or another kind of run is refused in a sentence")
  func otherRuns() throws {
    try withTemporaryDirectory { directory in
      let place = RunDirectory(directory + "/run")
      func carry(_ target: Target, _ method: InferenceMethod, seed: UInt64 = 1) throws {
        var settings = InferenceSettings(method)
        (settings.iterations, settings.samples, settings.seed) = (3, 8, seed)
        _ = try InferenceRun(target, settings).carryOut(in: place)
      }
      try carry(.torus, .svgd)
      #expect(
        message { try carry(.rosenbrock, .svgd) }
          == "\(place.path): expected a run with the target rosenbrock, found one with torus")
      #expect(
        message { try carry(.torus, .hmc) } == "\(place.path): expected a run with the method hmc, found one with svgd")
      #expect(
        message { try carry(.torus, .svgd, seed: 2) }
          == "\(place.path): expected a run with the seed 2, found one with 1")
      let other = Target("torus", columns: ["z1", "z2"]) { -$0.square().sum(-1) }
      #expect(
        message { try carry(other, .svgd) }
          == "\(place.path): expected a run for this density, found one for another density of the same name")
      #expect(try InferenceRun.isKept(in: place))
      #expect(
        message { _ = try Run.resume(place, place: .fromEnvironment()) }
          == "\(place.path): expected a run of a system, found inference for the density 'torus'; "
          + "it goes on with 'helmholtz infer torus', the same options and --run \(place.path)")
      #expect(
        message { _ = try Run.open(place.path) }
          == "\(place.path): expected a run of a system, found inference for the density 'torus'; "
          + "it goes on with 'helmholtz infer torus', the same options and --run \(place.path)")
      let trained = RunDirectory(directory + "/trained")
      try trained.create(configuration: "model: vae\n")
      #expect(
        message { _ = try InferenceRun(.torus, InferenceSettings(.svgd)).carryOut(in: trained) }
          == "\(trained.path): expected a run of 'helmholtz infer', found another")
    }
  }

  // MARK: Densities that are none

  @Test("a log density that is NaN or of another shape is refused with the row, by every method, also in later rounds")
  func badDensities() throws {
    func message(_ method: InferenceMethod, _ formula: @escaping @Sendable (Tensor) -> Tensor) throws -> String {
      RunsTests.message {
        _ = try Self.found(
          Target("mine", columns: ["x"], start: { n, _ in .full([n, 1], 1, dtype: .float64) }, logDensity: formula),
          method
        ) { ($0.samples, $0.iterations) = (12, 200) }
      }
    }
    for method in InferenceMethod.allCases {
      #expect(
        try message(method) { $0.sum() }
          == "target 'mine': expected [n] log densities for points [n, d], got shape [] for points [4, 1]")
      #expect(
        try message(method) { ($0 - 1).sum(-1).log() * 0 }.hasPrefix(
          "target 'mine': expected finite numbers or -infinity, got NaN in row 0, at x = 1"))
      // It leads downhill to where it is not a number any more: there at the start, not later.
      let late = try message(method) { -($0 + 10).sum(-1).square() + ($0 + 0.5).sum(-1).sqrt() * 0 }
      #expect(
        late.hasPrefix("target 'mine': expected finite numbers or -infinity, got NaN in row "), "\(method): \(late)")
    }
  }

  @Test("options without an effect, counts below 1 and chains that do not divide the draws are refused")
  func options() throws {
    func message(_ method: InferenceMethod, _ change: (inout InferenceSettings) -> Void) -> String {
      var settings = InferenceSettings(method)
      change(&settings)
      let asked = settings
      return RunsTests.message { _ = try InferenceRun(.torus, asked) }
    }
    #expect(message(.adviFullRank) { $0.chains = 2 } == "--chains has no effect with the method advi-fullrank")
    #expect(message(.svgd) { $0.thinning = 2 } == "--thin has no effect with the method svgd")
    #expect(message(.hmc) { $0.rule = .stan } == "--rule has no effect with the method hmc")
    #expect(message(.avb) { $0.iterations = 0 } == "--iterations: expected at least 1, got 0")
    #expect(message(.nuts) { $0.samples = -3 } == "--samples: expected at least 1, got -3")
    #expect(message(.hmc) { $0.thinning = 0 } == "--thin: expected at least 1, got 0")
    #expect(
      message(.hmc) { ($0.samples, $0.chains) = (100, 7) }
        == "--chains: expected a number that divides the 100 samples, got 7")
    #expect(
      message(.svgd) { $0.samples = 10_000 }
        == "--samples: svgd compares all pairs of particles in every step; expected 2 to 5000, got 10000")
    #expect(message(.avb) { $0.keepEvery = 0 } == "--keepEvery: expected at least 1, got 0")
    #expect(
      message(.avbAC) { $0.implicit.batchSize = 1 }
        == "an adaptive contrast takes the moments of a batch: expected more than one draw in it, got 1")
    #expect(
      message(.avb) { $0.implicit.objective = .wasserstein }
        == "the objective wasserstein tells no log ratio; avb needs one")
  }
}
