import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Generative
import Runs
import Systems
import Torch

/// `helmholtz loglik --weights w.safetensors --arch arch.json --x x.npy --method ais`
struct LogLikelihood: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loglik", abstract: "Likelihood of examples under a decoder that was trained elsewhere.",
    discussion: """
      Example:  helmholtz loglik --weights w.safetensors --arch arch.json --x x.npy --method ais

      arch.json describes decoder and encoder as lists of dense layers:

        {"likelihood": "bernoulli",
         "decoder": [{"weight": "d0.w", "bias": "d0.b", "activation": "relu"},
                     {"weight": "d1.w", "bias": "d1.b"}],
         "encoder": [{"weight": "e0.w", "bias": "e0.b", "activation": "relu"},
                     {"weight": "mu.w", "bias": "mu.b", "output": "mean"},
                     {"weight": "lv.w", "bias": "lv.b", "output": "log_variance"}]}

      Weights are [outputs, inputs], or the other way with "transposed": true. A likelihood of "gaussian" has a \
      "scale", which is a number or the name of a tensor of log deviations, or a second head of the decoder. An encoder \
      of one head gives means, then log variances. The prior is N(0, I), or fair bits with "prior": "bernoulli" and no \
      encoder; ais, quadrature and enumeration do without one.
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable { case elbo, iwae, ais, quadrature, enumeration }

  @Option(help: "File of weights (.safetensors).") var weights: String
  @Option(help: "Description of the networks (.json).") var arch: String
  @Option(help: "Examples, one per row.") var x: String
  @OptionGroup var arrays: ArrayOptions
  @Option(help: "Estimator: elbo, iwae, ais, quadrature (codes of at most 2 numbers) or enumeration (at most 20 bits).")
  var method: Method
  @Option(help: "Number of codes drawn per example for elbo (default 1) and iwae (default 5000).") var samples: Int?
  @OptionGroup var annealing: AnnealingChoice
  @OptionGroup var seed: SeedOption
  @OptionGroup var output: RowOutput

  func validate() throws {
    try check(samples, "--samples")
    if method == .ais, samples != nil { throw ValidationError("--samples has no effect: ais has --chains") }
    if [.quadrature, .enumeration].contains(method), samples != nil {
      throw ValidationError("--samples has no effect: \(method.rawValue) draws none")
    }
    if method != .ais { try annealing.refuse(because: "\(method.rawValue) does not anneal") }
  }

  func run() throws {
    Runtime.tuneAllocator()
    let model = try Architecture(contentsOf: arch).model(weights: weights)
    let meter = Meter("loglik")
    defer { meter.finish() }
    let measured = try ImportedLikelihood(
      model, identity: fileHash(weights) + fileHash(arch), arrays.input([x]).matrix(x), source: x, seed: seed.seed,
      cache: DataPlace.fromEnvironment.cacheDirectory,
      progress: meter.show)
    let found =
      switch method {
      case .elbo: try measured.bound(.elbo(samples: samples ?? 1))
      case .iwae: try measured.bound(.iwae(samples: samples ?? 5000))
      case .ais: try measured.annealed(annealing.options)
      case .quadrature: try measured.quadrature()
      case .enumeration: try measured.enumeration()
      }
    meter.finish()
    try output.show(
      "loglik", Tensor(found.values),
      [
        ("method", .text(method.rawValue)), ("standard_error", Convention(Estimate(found.values).standardError)),
        ("seed", .count(Int(clamping: seed.seed))),
        ("dtype", .text(model.prior.dtype == .float64 ? "float64" : "float32")),
      ] + found.conventions)
  }
}
