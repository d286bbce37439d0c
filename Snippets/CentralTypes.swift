// The examples in the documentation of the central types, which the build compiles.
//
//     swift run -c release CentralTypes

import Configuration
import Datasets
import Evaluation
import Generative
import Networks
import Probability
import Runs
import Systems
import Torch
import Training

let rng = RandomSource(seed: 1)

// snippet.Tensor
let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
let w = Tensor([0.5, -1] as [Float]).requiringGradient()
let y = x.matmul(w).square().mean()  // a scalar
let slope = gradients(of: y, in: [w])[0]  // [2]
print(y.item(), slope.array(Float.self))  // 4.25 [-9.0, -13.0]
// snippet.end

// snippet.Module
final class Residual: Module {
  private let inner: Linear
  private let scale: Parameter

  init(_ width: Int, using rng: RandomSource) {
    inner = Linear(width, width, using: rng)
    scale = Parameter(.zeros([width], device: rng.device))
  }

  /// `[..., width]` to the same shape.
  func callAsFunction(_ x: Tensor) -> Tensor { x + inner(x).tanh() * scale.value }
}

let layer = Residual(4, using: rng)
print(layer.namedParameters.map(\.name))  // ["inner.weight", "inner.bias", "scale"]
print(layer.parameterCount)  // 24
// snippet.end

/// A module with one parameter, for the examples below.
final class Offset: Module {
  private let parameter: Parameter
  var value: Tensor { parameter.value }

  init(_ start: Double, shape: [Int], device: Device) { parameter = Parameter(.full(shape, start, device: device)) }
}

// snippet.Game
final class Mean: Game {
  let estimate: Offset  // a module with one parameter, `value`
  let player: Player

  init(_ estimate: Offset) {
    self.estimate = estimate
    player = Player("mean", [estimate])
  }

  var players: [Player] { [player] }

  func play(_ table: any Table) throws {
    let x = try table.batch(.main).x  // [batch, d]
    try table.move(player, Loss((x - estimate.value).square().sum(-1)))
  }
}
// snippet.end

let game = Mean(Offset(0, shape: [2], device: .cpu))
let batch = Batch(x: rng.normal([100, 2]) + 3)
let adam = Adam(game.parameters)

// snippet.Table
for step in 0..<100 {
  let table = Recorder([.main: batch], clock: Clock(step: step), using: rng) { moves in
    for (player, loss) in moves {
      adam.step(gradients(of: loss.value.mean(), in: player.parameters.map(\.value)), rate: 0.1)
    }
  }
  try TrainingMode.run { try game.play(table) }
}
// snippet.end
print(game.estimate.value.array(Float.self))

// snippet.Autoencoder
let model = Autoencoder(
  qz: GaussianNetwork(MLP([1, 28, 28], hidden: [500], using: rng), dimension: 20, using: rng),
  px: NetworkLikelihood(MLP([20], hidden: [500], using: rng), .bernoulli, shape: [1, 28, 28], using: rng),
  pz: StandardNormal(20), regularizer: ClosedFormKL())
// snippet.end
print(model.card.conditionals.map(\.symbol))

extension Mean: Described {
  var card: ModelCard {
    ModelCard(conditionals: [], players: [.init("mean", "|x - m|^2")], parameterCount: parameterCount)
  }
}

// snippet.Design
struct MeanDesign: Design {
  var start = 0.0
  static var fields: [Field<Self>] { [Field("start", "where it starts", \.start, .number(.any))] }
  func pixels(_ shape: [Int]) -> PixelWish { .asTheyAre("model", "mean") }
  var headline: [Metric] { [] }
  func make(_ facts: Facts, using rng: RandomSource) -> any SystemModel {
    Mean(Offset(start, shape: facts.shape, device: rng.device))
  }
}
// snippet.end
print(MeanDesign().start)

// snippet.Run
let settings = try Catalog.settings("vae", setting: ["data.name=strokes", "training.epochs=5"])
let run = try Run.begin(settings, in: RunDirectory("runs/mine"), place: .fromEnvironment())
_ = try run.train(observer: SilentObserver())  // or a `TrainingObserver` of your own
try run.finish()  // test metrics, figures, report.html
// snippet.end
