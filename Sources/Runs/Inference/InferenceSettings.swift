import Configuration
import Generative
import Inference

/// How draws of a density are made.
public enum InferenceMethod: String, Sendable, CaseIterable {
  /// An implicit posterior, told from the prior N(0, I) by a critic. Mescheder et al. 2017, Algorithm 1.
  case avb
  /// The same with adaptive contrast, section 4.
  case avbAC = "avb-ac"
  /// A Gaussian with independent components. Kucukelbir et al. 2017.
  case adviMeanField = "advi-meanfield"
  /// A Gaussian with any covariance.
  case adviFullRank = "advi-fullrank"
  /// Hamiltonian Monte Carlo. Neal 2011.
  case hmc
  /// The no-U-turn sampler. Hoffman & Gelman 2014.
  case nuts
  /// Stein variational gradient descent. Liu & Wang 2016.
  case svgd

  /// Whether it runs Markov chains.
  public var hasChains: Bool { self == .hmc || self == .nuts }
  /// Whether it fits a Gaussian.
  public var isGaussian: Bool { self == .adviMeanField || self == .adviFullRank }
  /// Whether it fits an implicit posterior.
  public var isImplicit: Bool { self == .avb || self == .avbAC }

  /// The method of this name.
  public static func named(_ name: String) throws(InferenceError) -> InferenceMethod {
    if let found = InferenceMethod(rawValue: name) { return found }
    throw .unknown("method", name, allCases.map(\.rawValue))
  }
}

/// When a Gaussian's fit takes which step, and when it is over.
public enum GaussianRule: String, Sendable, CaseIterable {
  /// Adam on 100 draws a gradient; the rate falls where the bound has stopped rising, until the fit is over.
  case converge
  /// As in Stan: one draw a gradient, AdaGrad-like steps, over at a relative change of 1 %.
  case stan
}

/// How a density is inferred; nil is a default of the method.
public struct InferenceSettings: Sendable {
  /// How draws are made.
  public var method: InferenceMethod
  /// Rounds of a fit or of svgd, at most; of chains the steps of their warm-up.
  public var iterations: Int?
  /// Draws that are kept, over all chains; particles of svgd.
  public var samples: Int?
  /// Chains, among which the draws are shared out evenly.
  public var chains: Int?
  /// Steps of a chain for one draw that is kept.
  public var thinning: Int?
  /// When a Gaussian's fit is over.
  public var rule: GaussianRule?
  /// The result is a function of this number, the target, the settings and the threads.
  public var seed: UInt64 = 1
  /// Threads of libtorch; nil or 0 keeps those of the process, or those that the run began with.
  public var threads: Int?
  /// The networks of an implicit posterior; its contrast is the method's.
  public var implicit = ImplicitFit.Design()
  /// Rounds between checkpoints of an implicit fit that are kept for good; nil: only the last.
  public var keepEvery: Int?

  /// The defaults of a method.
  public init(_ method: InferenceMethod) { self.method = method }
}

/// The settings with every default in its place.
struct InferencePlan: Equatable {
  let method: InferenceMethod
  let iterations: Int
  let samples: Int
  let chains: Int
  let thinning: Int
  let rule: GaussianRule
  let seed: UInt64
  let design: ImplicitFit.Design
  let keepEvery: Int?

  /// Draws that tell a bound: 20 batches of the authors' size.
  static let boundDraws = 20 * 512
  /// Every step of svgd compares all pairs.
  static let mostParticles = 5000
  private static let mostChains = 500
  /// R-hat takes as many draws of a chain.
  private static let fewestDraws = 4

  /// - Throws: `InferenceError` for what the method has no use for, or cannot do.
  init(_ settings: InferenceSettings) throws(InferenceError) {
    let method = settings.method
    func refuse(_ option: String, _ isGiven: Bool, unless isUsed: Bool) throws(InferenceError) {
      if isGiven, !isUsed { throw .unused(option, method.rawValue) }
    }
    try refuse("chains", settings.chains != nil, unless: method.hasChains)
    try refuse("thin", settings.thinning != nil, unless: method.hasChains)
    try refuse("rule", settings.rule != nil, unless: method.isGaussian)
    for (name, value) in [
      ("iterations", settings.iterations), ("samples", settings.samples), ("chains", settings.chains),
      ("thin", settings.thinning), ("keepEvery", settings.keepEvery),
    ] {
      if let value, value < 1 { throw .count(name, value) }
    }
    self.method = method
    rule = settings.rule ?? .converge
    seed = settings.seed
    iterations = settings.iterations ?? (method.hasChains ? 500 : method == .svgd ? 1000 : 10_000)
    samples = settings.samples ?? (method == .svgd ? 500 : 10_000)
    guard method != .svgd || (2...Self.mostParticles).contains(samples) else {
      throw .particles(samples, most: Self.mostParticles)
    }
    if let chains = settings.chains, samples % chains != 0 { throw .shares(samples: samples, chains: chains) }
    let most = max(1, min(Self.mostChains, samples / Self.fewestDraws))
    let each = (samples + most - 1) / most
    chains = settings.chains ?? (samples + each - 1) / each
    thinning = settings.thinning ?? 50
    let objective = settings.implicit.objective
    guard !method.isImplicit || objective.tellsLogRatio else { throw .noLogRatio(objective.rawValue, method.rawValue) }
    guard method != .avbAC || settings.implicit.batchSize > 1 else { throw .oneDraw }
    var design = settings.implicit
    design.contrast = method == .avb ? .prior : .adaptive
    self.design = design
    keepEvery = settings.keepEvery
  }

  /// Draws that every chain keeps: together as many as are asked for, or, where a number has no good divisor, some more.
  var drawsPerChain: Int { (samples + chains - 1) / chains }

  /// Its lines in a run's configuration: those that have an effect.
  var lines: [(key: String, value: String)] {
    var lines = [("method", method.rawValue)]
    lines.append((method.hasChains ? "warmup" : "iterations", "\(iterations)"))
    lines.append(("samples", "\(samples)"))
    if method.hasChains { lines += [("chains", "\(chains)"), ("thin", "\(thinning)")] }
    if method.isGaussian { lines.append(("rule", rule.rawValue)) }
    if method.isImplicit { lines.append(("design", "\"\(design)\"")) }
    if let keepEvery, method.isImplicit { lines.append(("keepEvery", "\(keepEvery)")) }
    lines.append(("seed", "\(seed)"))
    return lines
  }
}

/// Why a density cannot be inferred as asked.
public enum InferenceError: Error, Equatable, CustomStringConvertible {
  /// A name that nothing has: of what kind, the name, and those that there are.
  case unknown(String, String, [String])
  /// An option that the method has no use for.
  case unused(String, String)
  /// An option that the target has no use for.
  case unusedOf(String, target: String, belongsTo: String)
  /// Options that a target cannot do without.
  case needs(String, target: String)
  /// A number below 1.
  case count(String, Int)
  /// Chains that cannot share the draws evenly.
  case shares(samples: Int, chains: Int)
  /// Too many or too few particles.
  case particles(Int, most: Int)
  /// A file that does not fit, and in what.
  case file(String, String)
  /// A directory of another run, and in what it differs.
  case otherRun(String, String)
  /// An objective whose critic tells no log ratio, and the method that needs one.
  case noLogRatio(String, String)
  /// Moments of a batch of one draw.
  case oneDraw
  /// Every step size that Stan's rule tries leads nowhere.
  case noStepSize

  public var description: String {
    switch self {
    case .unknown(let kind, let name, let known):
      "unknown \(kind) '\(name)'; there are \(known.joined(separator: ", "))"
        + (nearest(to: name, among: known).map { "; did you mean '\($0)'?" } ?? "")
    case .unused(let option, let method): "--\(option) has no effect with the method \(method)"
    case .unusedOf(let option, let target, let owner):
      "--\(option) has no effect with the target \(target); it belongs to \(owner)"
    case .needs(let options, let target): "the target \(target) needs \(options)"
    case .count(let option, let value): "--\(option): expected at least 1, got \(value)"
    case .shares(let samples, let chains):
      "--chains: expected a number that divides the \(samples) samples, got \(chains)"
    case .particles(let count, let most):
      "--samples: svgd compares all pairs of particles in every step; expected 2 to \(most), got \(count)"
    case .file(let path, let problem): "'\(path)': \(problem)"
    case .otherRun(let path, let difference): "\(path): \(difference)"
    case .noLogRatio(let objective, let method):
      "the objective \(objective) tells no log ratio; \(method) needs one"
    case .oneDraw: "an adaptive contrast takes the moments of a batch: expected more than one draw in it, got 1"
    case .noStepSize:
      "the rule stan found no step size among 100, 10, 1, 0.1 and 0.01 that raises the bound; try --rule converge"
    }
  }

  /// Whether it is about how the tool was called, and not about what it was given.
  public var isUsage: Bool {
    switch self {
    case .unused, .unusedOf, .needs, .count, .shares, .particles: true
    case .unknown, .file, .otherRun, .noLogRatio, .oneDraw, .noStepSize: false
    }
  }
}
