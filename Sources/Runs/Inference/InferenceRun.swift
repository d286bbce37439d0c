import Evaluation
import Foundation
import Generative
import Inference
import Torch
import Training

/// Inference for a density of any kind: draws by a fit, by chains or by particles, and what can be said of them.
///
/// The command line does no more than this. A density of your own is a `Target`, a closure from points to log densities:
///
///     let ring = Target("ring", columns: ["x", "y"]) { z in (z.square().sum(-1).sqrt() - 2).square() * -8 }
///     let run = try InferenceRun(ring, InferenceSettings(.nuts))
///     if let found = try run.carryOut(in: RunDirectory("runs/ring")) {
///       print(found.draws.shape, found.result.rHat ?? [:])
///     }
///
/// A run is a function of the target, the settings and the threads. It is kept in a directory with log, checkpoints,
/// `samples.npy`, `result.json` and `report.html`: killed at any instant and carried out again, it goes on to the same
/// bits.
public struct InferenceRun {
  /// The density.
  public let target: Target
  /// How it is inferred.
  public let settings: InferenceSettings
  private let plan: InferencePlan
  private let details: [(key: String, value: String)]
  private let fingerprint: String

  /// Purposes of random streams derived of the run's seed.
  private enum Stream {
    static let start: UInt64 = 0x696e_6665_7231
    static let draws: UInt64 = 0x696e_6665_7232
    static let bound: UInt64 = 0x696e_6665_7233
  }

  /// The start of a configuration, by which runs of this kind are known.
  private static let header = "# Inference for a density.\n"
  /// Points that tell a density from another of the same name.
  private static let probes = 4

  /// - Parameter details: what tells the target from others of its name, such as a variant: lines of the configuration.
  /// - Throws: `InferenceError` for settings that the method has no use for, `TargetError` for a density that is of
  ///   another shape than expected, or not a number, at its first starts.
  public init(_ target: Target, _ settings: InferenceSettings, details: [(key: String, value: String)] = []) throws {
    (self.target, self.settings, self.details) = (target, settings, details)
    plan = try InferencePlan(settings)
    fingerprint = try withTensorErrors {
      try withoutGradients {
        let points = target.start(Self.probes, RandomSource(seed: 0)).to(.float64)
        return try target.logDensity(checked: points).array(Double.self).map { String(format: "%.6g", $0) }
          .joined(separator: ", ")
      }
    }
  }

  /// Whether a directory holds inference for a density.
  public static func isKept(in directory: RunDirectory) throws -> Bool {
    guard directory.exists else { return false }
    return try String(contentsOfFile: directory.configuration, encoding: .utf8).hasPrefix(header)
  }

  /// Refuses a directory that holds inference for a density and no system.
  static func refuse(_ directory: RunDirectory) throws {
    guard try isKept(in: directory) else { return }
    let lines = lines(try String(contentsOfFile: directory.configuration, encoding: .utf8))
    let target = lines.first { $0.key == "target" }?.value ?? ""
    throw InferenceError.otherRun(
      directory.path,
      "expected a run of a system, found inference for the density '\(target)'; "
        + "it goes on with 'helmholtz infer \(target)', the same options and --run \(directory.path)")
  }

  /// What comes of it: the draws, `[samples, d]`, and the numbers.
  public typealias Found = (draws: Tensor, result: InferenceResult)

  /// Carries the work out in the first of `base`1, `base`2 and so on that nobody has taken yet.
  public func carryOut(
    numbered base: String, reference: Tensor? = nil, observer: any TrainingObserver = SilentObserver(),
    began: (RunDirectory) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> Found? {
    var number = 1
    while try !RunDirectory(base + String(number)).claim() { number += 1 }
    let directory = RunDirectory(base + String(number))
    began(directory)
    return try carryOut(in: directory, reference: reference, observer: observer, shouldStop: shouldStop)
  }

  /// Carries the work out, or goes on where the same work was stopped or killed.
  ///
  /// - Parameters:
  ///   - reference: draws of the normalized density to compare with, `[m, d]`, finite and without two that are equal.
  ///   - shouldStop: asked before every step.
  /// - Returns: draws and numbers; nil if it was stopped.
  /// - Throws: `InferenceError.otherRun` for a directory of another run.
  public func carryOut(
    in directory: RunDirectory, reference: Tensor? = nil, observer: any TrainingObserver = SilentObserver(),
    shouldStop: () -> Bool = { false }
  ) throws -> Found? {
    Runtime.tuneAllocator()
    let (lock, configuration) = try opened(directory)
    return try withExtendedLifetime(lock) {
      guard let found = try findings(in: directory, observer, shouldStop) else { return nil }
      return try withTensorErrors {
        let rows = found.rows
        guard rows.isFinite().all().item() == 1 else {
          throw InferenceError.file(directory.path, "expected finite draws, got some that are not")
        }
        try rows.writeNPY(to: Self.samples(in: directory))
        let result = try InferenceResult(target, plan.method, found, reference: reference)
        try AtomicFile.write(Array((try result.json() + "\n").utf8), to: Self.result(in: directory))
        try InferenceReport(target, result, rows, reference: reference, configuration: configuration)
          .write(in: directory)
        return (rows, result)
      }
    }
  }

  /// The draws of a run.
  public static func samples(in directory: RunDirectory) -> String { directory.path + "/samples.npy" }
  /// The numbers of a run.
  public static func result(in directory: RunDirectory) -> String { directory.path + "/result.json" }

  // MARK: The directory

  /// Makes the run, or takes hold of one with exactly this configuration, and sets the threads.
  private func opened(_ directory: RunDirectory) throws -> (RunLock, configuration: String) {
    guard directory.exists else {
      setThreads(settings.threads)
      let text = configuration(threads: Runtime.threads)
      return (try directory.create(configuration: text), text)
    }
    let kept = try String(contentsOfFile: directory.configuration, encoding: .utf8)
    guard kept.hasPrefix(Self.header) else {
      throw InferenceError.otherRun(directory.path, "expected a run of 'helmholtz infer', found another")
    }
    let lock = try directory.lock()
    let lines = Self.lines(kept)
    let asked = settings.threads.flatMap { $0 > 0 ? $0 : nil }
    let threads = asked ?? lines.first { $0.key == "threads" }.flatMap { Int($0.value) }
    let text = configuration(threads: threads ?? Runtime.threads)
    if kept != text {
      throw InferenceError.otherRun(directory.path, Self.difference(expected: Self.lines(text), found: lines))
    }
    setThreads(threads)
    return (lock, text)
  }

  /// The number is the process's: where it is right already, another run may be computing with it.
  private func setThreads(_ threads: Int?) {
    if let threads, threads > 0, threads != Runtime.threads { Runtime.threads = threads }
  }

  private func configuration(threads: Int) -> String {
    let lines =
      [("target", target.name)] + details + [("columns", "[\(target.columns.joined(separator: ", "))]")] + plan.lines
      + [("threads", "\(threads)"), ("logDensities", "[\(fingerprint)]")]
    return Self.header + lines.map { "\($0.0): \($0.1)\n" }.joined()
  }

  private static func lines(_ text: String) -> [(key: String, value: String)] {
    text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      return (parts[0], parts.count > 1 ? parts[1] : "")
    }
  }

  /// The first line in which two configurations differ, in words.
  private static func difference(
    expected: [(key: String, value: String)], found: [(key: String, value: String)]
  ) -> String {
    let kept = Dictionary(found.map { ($0.key, $0.value) }) { first, _ in first }
    let wanted = Dictionary(expected.map { ($0.key, $0.value) }) { first, _ in first }
    let keys = expected.map(\.key) + found.map(\.key)
    let key = keys.first { kept[$0] != wanted[$0] } ?? "target"
    let (mine, theirs) = (wanted[key] ?? "none", kept[key] ?? "none")
    return key == "logDensities"
      ? "expected a run for this density, found one for another density of the same name"
      : "expected a run with the \(words(key)) \(mine), found one with \(theirs)"
  }

  /// A key as a person says it.
  private static func words(_ key: String) -> String { key == "thin" ? "thinning" : key }

  // MARK: The work

  private func stream(_ purpose: UInt64) -> RandomSource { .derived(seed: plan.seed, purpose) }

  private func findings(
    in directory: RunDirectory, _ observer: any TrainingObserver, _ shouldStop: () -> Bool
  ) throws -> InferenceFindings? {
    func finished(_ work: some SteppedWork) throws -> Double? {
      let (outcome, seconds) = try work.carryOut(in: directory, observer: observer, shouldStop: shouldStop)
      return outcome == .interrupted ? nil : seconds
    }
    let rng = stream(Stream.start)
    switch plan.method {
    case .hmc, .nuts:
      let work = try ChainWork(target, plan, using: rng)
      guard let seconds = try finished(work) else { return nil }
      return InferenceFindings(
        draws: work.draws, count: plan.samples, divergences: work.divergences, seconds: seconds)
    case .svgd:
      let work = try ParticleWork(target, plan, using: rng)
      guard let seconds = try finished(work) else { return nil }
      return InferenceFindings(draws: work.draws, count: plan.samples, seconds: seconds)
    case .adviMeanField, .adviFullRank:
      if plan.rule == .stan {
        let work = StanWork(target, plan, using: rng)
        guard let seconds = try finished(work) else { return nil }
        return try findings(of: work.fit, seconds: seconds)
      }
      let work = GaussianWork(target, plan, using: rng)
      guard let seconds = try finished(work) else { return nil }
      return try findings(of: work.fit, seconds: seconds)
    case .avb, .avbAC:
      let fit = ImplicitFit(target, plan.design, using: rng)
      let trainer = try Trainer(
        fit, feeds: [:], validation: nil, options: options, device: .cpu, run: directory,
        from: directory.newest(), observer: observer)
      guard try trainer.run(shouldStop: shouldStop) != .interrupted else { return nil }
      return try findings(of: fit, seconds: trainer.progress.seconds)
    }
  }

  /// How the players of an implicit fit are moved: the authors' settings for the eight schools.
  private var options: TrainingOptions {
    var options = TrainingOptions()
    options.duration = .steps(plan.iterations)
    options.seed = plan.seed
    var adam = Adam.Options()
    adam.beta1 = 0.5
    options.model.optimizer = .adam(adam)
    options.model.learningRate = .constant(1e-4)
    var adversary = options.model
    adversary.learningRate = .constant(2e-4)
    options.adversary = adversary
    options.validationEvery = 1000
    options.keepEvery = plan.keepEvery
    return options
  }

  /// The draws of a fit, and its bound by draws of their own.
  private func findings(of fit: some Fit, seconds: Double) throws -> InferenceFindings {
    try withTensorErrors {
      // A look at every number first: the bound itself does not throw.
      let probe = fit.samples(count: InferencePlan.boundDraws, using: stream(Stream.bound))
      _ = try withoutGradients { try target.logDensity(positive: probe, because: "at the draws of a fit") }
      let bounds = withoutGradients { fit.bound(count: InferencePlan.boundDraws, using: stream(Stream.bound)) }
      let estimate = Estimate(bounds.array(Double.self))
      return InferenceFindings(
        draws: fit.samples(count: plan.samples, using: stream(Stream.draws)), count: plan.samples,
        bound: .init(
          value: estimate.mean, standardError: estimate.standardError,
          kind: fit.boundsEvidence ? .exact : .critic), seconds: seconds)
    }
  }
}

extension InferenceRun {
  /// The implicit posterior of a run at a checkpoint that it kept.
  public func implicitFit(at reference: RunReference) throws -> ImplicitFit {
    let fit = ImplicitFit(target, plan.design, using: stream(Stream.start))
    try Checkpoint(contentsOf: reference.file()).load(into: fit)
    return fit
  }
}
