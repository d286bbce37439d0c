import Datasets
import Foundation
import Generative
import Networks
import Probability
import Torch
import Training

/// One training step of a model of convolutions, by the trainer that every run uses.
struct ConvolutionBenchmark: Benchmark {
  let name: String
  private let plan: Plan
  private let team: PeerTeam
  private let script: String
  private let batch: Int
  /// About how many times longer than a step of the reference VAE it takes: it makes fewer steps by that factor.
  private let share: Int
  private let model: () -> any Game
  /// How often a weight of this shape is multiplied for one image.
  private let uses: (_ shape: [Int]) -> Int

  private static let shape = [1, 28, 28]
  private static let warmup = 3
  private static let square = 2048

  /// A gated PixelCNN without a code, 7x7 then 3x3 kernels.
  static func pixelCNN(_ plan: Plan, _ team: PeerTeam) -> ConvolutionBenchmark {
    let (layers, maps, batch) = (7, 32, 50)
    return ConvolutionBenchmark(
      name: "PixelCNN step, \(layers) layers of \(maps) maps, 28x28, batch \(batch)", plan: plan, team: team,
      script: "pixelcnn_torch.py", batch: batch, share: 20,
      model: {
        AutoregressiveModel(
          GatedPixelCNN(shape, outputs: 1, layers: layers, maps: maps, using: RandomSource(seed: 1)), .bernoulli)
      },
      uses: { _ in shape.reduce(1, *) })
  }

  /// The MMD-VAE with the authors' convolutions, their batch and their 200 draws from the prior.
  static func mmdVAE(_ plan: Plan, _ team: PeerTeam) -> ConvolutionBenchmark {
    let (codes, batch) = (10, 200)
    return ConvolutionBenchmark(
      name: "MMD-VAE step, convolutions of 64-128 maps, 28x28, batch \(batch)", plan: plan, team: team,
      script: "mmdvae_torch.py", batch: batch, share: 10,
      model: {
        let rng = RandomSource(seed: 1)
        return Autoencoder(
          qz: GaussianNetwork(ConvEncoder(shape, using: rng), dimension: codes, using: rng),
          px: NetworkLikelihood(
            ConvDecoder(codes, imageShape: shape, using: rng), .bernoulli, shape: shape, using: rng),
          pz: StandardNormal(codes),
          regularizer: MMDRegularizer(kernel: .infoVAE(dimension: codes)), weight: .constant(50 * 784))
      },
      // Between 64 maps and 128 the pictures are 7x7, beside the image 14x14.
      uses: { $0.count == 2 ? 1 : $0[0] == 128 ? 7 * 7 : 14 * 14 })
  }

  /// The MI encoder with the paper's layers for Fashion-MNIST: noise joined to the features, a learned variance per
  /// pixel, and the Stein discrepancy of the codes.
  static func mutualInformation(_ plan: Plan, _ team: PeerTeam) -> ConvolutionBenchmark {
    let (codes, batch) = (32, 256)
    return ConvolutionBenchmark(
      name: "MI encoder step, convolutions of 64-64-128 maps, 28x28, batch \(batch)", plan: plan, team: team,
      script: "mi_torch.py", batch: batch, share: 10,
      model: {
        let rng = RandomSource(seed: 1)
        let body = ConvEncoder(shape, channels: [64, 64, 128], hidden: [], activation: .relu, using: rng)
        return Autoencoder(
          qz: NoisyInput(
            body, inputs: body.outputShape[0], noise: codes, hidden: [256, 256], activation: .relu, dimension: codes,
            using: rng),
          px: NetworkLikelihood(
            ConvDecoder(codes, imageShape: shape, channels: [128, 64, 64], hidden: [], using: rng),
            .gaussian(.perDimension, mean: .sigmoid, floor: 1e-3), shape: shape, using: rng),
          pz: StandardNormal(codes), regularizer: KSDRegularizer<ImplicitPosterior>(), weight: .constant(100))
      },
      // Beside the image maps are 14x14, between 64 maps and 64 7x7, beside 128 maps 4x4.
      uses: { $0.count == 2 ? 1 : $0.count == 3 ? 0 : $0[0] == 128 ? 4 * 4 : $0[1] == 64 ? 7 * 7 : 14 * 14 })
  }

  func run(_ earlier: [Finding]) throws -> Finding {
    let model = model()
    let flops = Self.flops(model, batch: batch, uses)
    let steps = max(1, plan.steps / share)
    let (peers, notes) = team.start(entries, steps: steps, warmup: Self.warmup)
    defer { for peer in peers { peer.stop() } }
    let square = StepProducts.square(Self.square)
    var race = Race(
      peers.map { $0.lane(flops: flops) } + [
        Race.Lane(name: "limit: sgemm \(Self.square)^3", kind: .limit, flops: square.flops) {
          milliseconds { square.run() }
        }
      ])
    let rounds = TrainingRounds(warmup: Self.warmup, steps: steps, rounds: plan.rounds, batch: batch)
    let ours = try rounds.run(
      model,
      on: DeviceExamples(
        try ReferenceVAE.examples(binary: true), binarization: .none),
      precision: .float32
    ) { try race.turn() }
    let row = Row(name: "Helmholtz", kind: .ours, values: ours, flops: flops)
    return Finding(
      name: name, unit: "ms/step", rows: [row] + race.rows, notes: notes + race.notes + proportions(row, race.rows))
  }

  /// Two operations a multiply-add; the result, and the gradients of the weight and of the input. Elementwise work, the
  /// loss and the optimizer are not counted.
  private static func flops(_ model: any Game, batch: Int, _ uses: ([Int]) -> Int) -> Double {
    let weights = model.parameters.map(\.value.shape).filter { $0.count > 1 }
    return weights.reduce(0) { $0 + 6 * Double(batch * $1.reduce(1, *) * uses($1)) }
  }

  private func proportions(_ ours: Row, _ others: [Row]) -> [String] {
    var notes: [String] = []
    if let rate = ours.gigaflops, let limit = others.first(where: { $0.kind == .limit })?.gigaflops {
      notes.append(
        String(format: "The step runs at %.0f %% of the rate of sgemm %d^3.", 100 * rate / limit, Self.square))
    }
    let peers = others.filter { $0.kind == .peer }
    if let best = peers.min(by: { $0.median < $1.median }) {
      notes.append(
        String(format: "The best peer, %@, takes %.2f times as long.", best.name, best.median / ours.median))
    }
    return notes
  }

  private var entries: [PeerTeam.Entry] {
    ["default", "fused", "channels-last", "compile"].flatMap { variant in
      [false, true].map { tuned in
        PeerTeam.Entry(
          name: "PyTorch \(variant)\(tuned ? ", tuned malloc" : "")", script: script,
          arguments: ["--variant", variant], tunedMalloc: tuned)
      }
    }
  }
}
