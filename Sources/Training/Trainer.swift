import Datasets
import Foundation
import Generative
import Torch

/// Hears of a run's progress; the command line shows it, a report keeps it.
public protocol TrainingObserver: AnyObject {
  /// A round is complete. Called every round: be quick.
  func completed(step: Int, of total: Int)
  /// A line of the log, also written to `metrics.jsonl`.
  func logged(_ record: LogRecord) throws
}

/// How a run came to its end.
public enum Outcome: String, Sendable {
  /// All rounds are done.
  case finished
  /// The validation bound has not risen for long enough.
  case stoppedEarly
  /// Somebody asked it to stop; it can be resumed.
  case interrupted
}

/// Plays any game: takes gradients, moves players, watches for bad numbers, validates, and keeps checkpoints.
///
/// A run is a function of the game, the data, the options and the thread count alone. Killed at any instant and
/// resumed from its last checkpoint, it ends with the same bits.
public final class Trainer {
  private let game: any Trainable
  private let moves: [Move]
  private let contestants: [Contestant]
  private let train: DeviceExamples
  private let labelled: (examples: DeviceExamples, order: BatchOrder)?
  private let validation: DeviceExamples?
  private let options: TrainingOptions
  private let run: RunDirectory
  private let observer: any TrainingObserver
  private let device: Device
  private let rng: RandomSource
  private let order: BatchOrder
  private let vitals: Vitals
  private let log: MetricsLog
  /// Rounds in an epoch.
  public let stepsPerEpoch: Int
  /// Rounds in the whole run.
  public let totalSteps: Int
  /// The run's past.
  public private(set) var progress: Progress

  /// Purposes of random streams derived from the run's seed.
  private enum Stream {
    static let training: UInt64 = 1
    static let validation: UInt64 = 2
  }

  /// Examples in a batch of a validation pass.
  private static let validationBatch = 500

  /// - Parameters:
  ///   - labelled: examples of which every batch gets some beside its own, in an order of theirs.
  ///   - validation: what early stopping and the best checkpoint go by; nil: every last checkpoint is the best.
  ///   - run: a directory that has been created.
  ///   - checkpoint: where to go on from; nil starts anew.
  public init(
    _ game: any Trainable, train: DeviceExamples, labelled: DeviceExamples? = nil, validation: DeviceExamples?,
    options: TrainingOptions, device: Device, run: RunDirectory, from checkpoint: Checkpoint? = nil,
    observer: any TrainingObserver
  ) throws {
    self.game = game
    self.train = train
    self.validation = validation
    self.options = options
    self.device = device
    self.run = run
    self.observer = observer
    moves = game.moves
    vitals = Vitals()
    // In the order of their moves, so that the first bad number is looked for where it came up first.
    var contestants: [Contestant] = []
    for player in moves.flatMap(\.players) where !contestants.contains(where: { $0.player.name == player.name }) {
      contestants.append(Contestant(player, options: options))
    }
    self.contestants = contestants
    rng = .derived(seed: options.seed, Stream.training, device: device)
    order = BatchOrder(count: train.count, batchSize: options.batchSize, seed: options.seed, device: device)
    self.labelled = labelled.map {
      ($0, BatchOrder(count: $0.count, batchSize: options.labelledBatchSize, seed: options.seed &+ 1, device: device))
    }
    let batchesPerRound = moves.reduce(0) { $0 + $1.repeats }
    stepsPerEpoch = (order.batchesPerEpoch + batchesPerRound - 1) / batchesPerRound
    totalSteps = options.duration.steps(batchesPerEpoch: stepsPerEpoch)
    progress = checkpoint?.progress ?? Progress()
    progress.seed = options.seed
    progress.threads = Runtime.threads
    // A checkpoint that does not fit must leave the log as it is.
    if let checkpoint { try Self.restore(checkpoint, game, contestants, rng) }
    log = try MetricsLog(run.metrics, keepingThrough: progress.step)
  }

  private static func restore(
    _ checkpoint: Checkpoint, _ game: any Trainable, _ contestants: [Contestant], _ rng: RandomSource
  ) throws {
    try checkpoint.load(into: game)
    try checkpoint.restore(contestants.flatMap(\.namedTensors), under: "optimizer.")
    try checkpoint.restore(rng)
  }

  // MARK: Running

  /// Trains until the run is over or `shouldStop` says so, and leaves a checkpoint either way.
  public func run(shouldStop: () -> Bool = { false }) throws -> Outcome {
    var outcome = Outcome.finished
    var lastCheckpoint = Date()
    var started = Date()
    while progress.step < totalSteps {
      if let patience = options.patience, progress.validationsSinceBest >= patience {
        outcome = .stoppedEarly
        break
      }
      if shouldStop() {
        outcome = .interrupted
        break
      }
      try round()
      progress.step += 1
      observer.completed(step: progress.step, of: totalSteps)
      if isLogged(progress.step) {
        progress.seconds += Date().timeIntervalSince(started)
        started = Date()
        try writeLog()
      }
      let isEpochEnd = progress.step % (stepsPerEpoch * options.validationEvery) == 0
      let isKept = options.keepEvery.map { progress.step % (stepsPerEpoch * $0) == 0 } ?? false
      let isOld = Date().timeIntervalSince(lastCheckpoint) > options.checkpointSeconds
      if isEpochEnd || isKept || isOld || progress.step == totalSteps {
        progress.seconds += Date().timeIntervalSince(started)
        try checkNumbers()
        if isEpochEnd || progress.step == totalSteps { try validate() }
        try writeCheckpoint(.last)
        if isKept { try writeCheckpoint(.step(progress.step)) }
        lastCheckpoint = Date()
        started = Date()
      }
    }
    if outcome == .interrupted {
      try checkNumbers()
      try writeCheckpoint(.last)
    }
    return outcome
  }

  /// Throws if a loss, a gradient or a parameter has not been finite, so that no checkpoint ever holds one.
  private func checkNumbers() throws(TrainingError) {
    // The notes first: on a device that runs ahead, a bad loss has spoilt the moments by now.
    try vitals.read()
    for contestant in contestants { try contestant.check(before: progress.step) }
  }

  /// On the CPU a look at the vital signs costs nothing; elsewhere it would wait for the device.
  private func look() throws(TrainingError) {
    guard device == .cpu else { return }
    do { try vitals.read() } catch {
      // Behind a bad loss may be a gradient that was bad before it.
      for contestant in contestants { try contestant.check(before: progress.step) }
      throw error
    }
  }

  private func isLogged(_ step: Int) -> Bool { step % options.logEvery == 0 || step == totalSteps }

  /// The examples of a move, and the labelled ones that belong to it.
  private func batch(_ index: Int) throws -> Batch {
    let batch = try train.batch(order.indices(at: index), using: rng)
    guard let labelled else { return batch }
    let known = try labelled.examples.batch(labelled.order.indices(at: index), using: rng)
    return Batch(x: batch.x, labels: batch.labels, labelled: .init(x: known.x, classes: known.labels!))
  }

  private func round() throws {
    let turn = Turn(step: progress.step, rng: rng)
    let rate = options.learningRate(progress.step) * progress.rateFactor
    var batchIndex = progress.step * moves.reduce(0) { $0 + $1.repeats }
    for move in moves {
      let players = move.players.map { player in contestants.first { $0.player.name == player.name }! }
      for _ in 0..<move.repeats {
        let batch = try batch(batchIndex)
        batchIndex += 1
        let losses = TrainingMode.run {
          withPrecision(options.precision, on: device) { move.losses(batch, turn) }
        }
        let means = losses.map { $0.value.mean() }
        for (index, player) in players.enumerated() {
          vitals.note(losses[index], mean: means[index], of: player.player, at: progress.step)
        }
        // Before any step: a bad number of one player stops the whole move.
        try look()
        // All gradients before any step: players of one move move at the same time.
        let gradients = zip(players, means).enumerated().map { index, pair in
          pair.0.gradients(of: pair.1, retainGraph: index < players.count - 1)
        }
        let norms = zip(players, gradients).map { player, gradients in
          // A pass over all gradients, so only where someone wants to know.
          player.needsNorms || isLogged(progress.step + 1) ? Torch.norms(gradients) : nil
        }
        for (player, norms) in zip(players, norms) {
          if let norms { vitals.note(gradientNorms: norms, of: player.player, at: progress.step) }
        }
        try look()
        for (index, player) in players.enumerated() {
          player.step(gradients[index], norms: norms[index], rate: rate)
        }
      }
    }
  }

  // MARK: Writing

  private func report(_ kind: LogRecord.Kind, _ values: [(key: String, value: Double)]) throws {
    let record = LogRecord(
      kind: kind, step: progress.step, epoch: Double(progress.step) / Double(stepsPerEpoch),
      values: values)
    try log.append(record)
    try observer.logged(record)
  }

  private func writeLog() throws {
    try vitals.read()
    let rate = options.learningRate(progress.step - 1) * progress.rateFactor
    try report(
      .train,
      vitals.averages(contestants.map(\.player))
        + [("learning_rate", rate), ("training_seconds", progress.seconds)])
  }

  private func validate() throws {
    guard let validation else { return }
    let bound = try meanBound(validation)
    guard bound.isFinite else { throw TrainingError.nonFiniteBound(step: progress.step) }
    let isBest = progress.record(bound: bound, plateau: options.plateau)
    try report(.validation, [("bound_nats", bound)])
    if isBest { try writeCheckpoint(.best) }
  }

  /// The mean bound over `examples`, with the same noise at every validation so that bounds compare.
  private func meanBound(_ examples: DeviceExamples) throws -> Double {
    let noise = RandomSource.derived(seed: options.seed, Stream.validation, device: device)
    return try withoutGradients {
      let sums = try stride(from: 0, to: examples.count, by: Self.validationBatch).map { start in
        let range = start..<min(examples.count, start + Self.validationBatch)
        return game.bound(try examples.batch(range, using: noise), using: noise).sum()
      }
      return Tensor.stacked(sums).to(.float64).sum().item() / Double(examples.count)
    }
  }

  private func writeCheckpoint(_ name: CheckpointName) throws {
    var tensors: [String: Tensor] = ["random.state": rng.state]
    for (name, tensor) in game.namedTensors { tensors["model.\(name)"] = tensor }
    for (name, tensor) in contestants.flatMap(\.namedTensors) { tensors["optimizer.\(name)"] = tensor }
    try Checkpoint(progress: progress, tensors: tensors).write(to: run.checkpoint(name))
  }
}
