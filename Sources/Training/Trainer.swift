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

/// An observer that keeps what it hears to itself.
public final class SilentObserver: TrainingObserver {
  public init() {}
  public func completed(step: Int, of total: Int) {}
  public func logged(_ record: LogRecord) {}
}

/// How a run came to its end.
public enum Outcome: String, Sendable {
  /// All rounds are done.
  case finished
  /// The validation score has not improved for long enough.
  case stoppedEarly
  /// Somebody asked it to stop; it can be resumed.
  case interrupted
}

/// The table at which all games are played: it takes gradients, moves players, watches for bad numbers, validates, and
/// keeps checkpoints.
///
/// A run is a function of the game, the data, the options and the thread count alone. Killed at any instant and
/// resumed from its last checkpoint, it ends with the same bits.
public final class Trainer: Table {
  private let game: any Game
  private let contestants: [Contestant]
  private let feeds: [Feed: any Batches]
  private let validation: DeviceExamples?
  private let options: TrainingOptions
  private let run: RunDirectory
  private let observer: any TrainingObserver
  private let device: Device
  private let vitals = Vitals()
  /// The processes that train this model together; nil alone.
  private let peers: Peers?
  /// Kept by the first process.
  private let log: MetricsLog?
  /// The stream of this run.
  public let rng: RandomSource
  /// Rounds in an epoch.
  public let stepsPerEpoch: Int
  /// Rounds in the whole run.
  public let totalSteps: Int
  /// The run's past.
  public private(set) var progress: TrainingProgress

  /// Purposes of random streams derived from the run's seed.
  private enum Stream {
    static let training: UInt64 = 1
    static let validation: UInt64 = 2
  }

  /// Examples in a batch of a validation pass, unless one of them takes much memory.
  private static let validationBatch = 500
  /// The same for this game, once it has been found out.
  private var validationRows: Int?

  /// - Parameters:
  ///   - feeds: what the game reads. A pass over `.main` is an epoch; without that feed an epoch is one round.
  ///   - validation: what the game's score is taken on; nil, or a game without a score: every last
  ///     checkpoint is the best.
  ///   - run: a directory that has been created.
  ///   - checkpoint: where to go on from; nil starts anew.
  ///   - peers: the processes that train it together, each with the same arguments and files; the first one writes.
  /// - Throws: `TrainingError.players` if a parameter belongs to no player or to two.
  public init(
    _ game: any Game, feeds: [Feed: any Batches], validation: DeviceExamples?, options: TrainingOptions,
    device: Device, run: RunDirectory, from checkpoint: Checkpoint? = nil, peers: Peers? = nil,
    observer: any TrainingObserver
  ) throws {
    self.game = game
    self.feeds = feeds
    self.validation = validation
    self.options = options
    self.device = device
    self.run = run
    self.observer = observer
    self.peers = peers
    contestants = try Self.contestants(of: game, options)
    if validation == nil || game.score == nil {
      let sides = Set(game.players.map(\.side))
      guard options.patience == nil else { throw TrainingError.noScore("patience") }
      guard !sides.contains(where: { options[$0].plateau != nil }) else { throw TrainingError.noScore("a plateau") }
    }
    rng = .derived(seed: options.seed, Stream.training, device: device)
    let batches = feeds[.main]?.batchesPerEpoch ?? game.batchesPerRound
    stepsPerEpoch = max(1, (batches + game.batchesPerRound - 1) / game.batchesPerRound)
    totalSteps = options.duration.steps(Clock(stepsPerEpoch: stepsPerEpoch))
    progress = checkpoint?.progress ?? TrainingProgress()
    progress.stepsPerEpoch = stepsPerEpoch
    progress.seed = options.seed
    progress.threads = Runtime.threads
    progress.processes = peers?.count
    // A checkpoint that does not fit must leave the log as it is.
    if let checkpoint { try Self.restore(checkpoint, game, contestants, rng) }
    log = peers?.isFirst ?? true ? try MetricsLog(run.metrics, keepingThrough: progress.step) : nil
    // The same already, unless the machines differ.
    try peers?.copyFirst(game.namedTensors.map(\.tensor))
  }

  /// The players with their optimizers; refuses a game whose players do not share out all parameters.
  private static func contestants(of game: any Game, _ options: TrainingOptions) throws(TrainingError) -> [Contestant] {
    var names: [ObjectIdentifier: String] = [:]
    for (name, parameter) in game.namedParameters { names[ObjectIdentifier(parameter)] = name }
    var owners: [ObjectIdentifier: String] = [:]
    var contestants: [Contestant] = []
    for player in game.players {
      let paths = player.parameters.map { names[ObjectIdentifier($0)] ?? "" }
      guard !paths.contains("") else {
        throw .players("player '\(player.name)' owns a parameter that is no part of the game")
      }
      for (path, parameter) in zip(paths, player.parameters) {
        if let other = owners.updateValue(player.name, forKey: ObjectIdentifier(parameter)) {
          throw .players("expected one owner of '\(path)', got players '\(other)' and '\(player.name)'")
        }
      }
      contestants.append(Contestant(player, names: paths, options: options[player.side]))
    }
    if let (name, _) = game.namedParameters.first(where: { owners[ObjectIdentifier($0.parameter)] == nil }) {
      let all = game.players.map { "'\($0.name)'" }.joined(separator: ", ")
      throw .players("expected an owner of '\(name)' among the players \(all), got none")
    }
    return contestants
  }

  private static func restore(
    _ checkpoint: Checkpoint, _ game: any Game, _ contestants: [Contestant], _ rng: RandomSource
  ) throws {
    try checkpoint.load(into: game)
    try checkpoint.restore(contestants.flatMap(\.optimizerTensors), under: "optimizer.")
    try checkpoint.restore(contestants.flatMap(\.averageTensors), under: "average.")
    try checkpoint.restore(rng)
  }

  // MARK: The table

  public var clock: Clock { clock(progress.step) }

  private func clock(_ step: Int) -> Clock { Clock(step: step, stepsPerEpoch: stepsPerEpoch, length: totalSteps) }

  public func batch(_ feed: Feed) throws -> Batch {
    guard let batches = feeds[feed] else {
      throw TrainingError.missingFeed(feed.name, has: feeds.keys.map(\.name).sorted())
    }
    let place = progress.places[feed.name, default: 0]
    progress.places[feed.name] = place + 1
    // The examples' own noise is that of the whole batch.
    let batch = try Peers.alone { try batches.batch(at: place, using: rng) }
    guard let peers = Peers.current else { return batch }
    guard batch.count % peers.count == 0 else {
      throw TrainingError.indivisible(batch.count, processes: peers.count, feed: feed.name)
    }
    return batch[peers.range(batch.count / peers.count)]
  }

  /// Whether the batches of the coming round can be shared out in equal parts. Those that cannot, at the end of a pass,
  /// are taken whole by every process. So is the first round, in which a game may look at a whole pass to begin with.
  private var sharesRound: Bool {
    guard let peers, progress.step > 0 else { return false }
    return feeds.allSatisfy { feed, batches in
      let place = progress.places[feed.name, default: 0]
      return (place..<place + game.batchesPerRound).allSatisfy { batches.count(at: $0) % peers.count == 0 }
    }
  }

  public func move(_ losses: [(Player, Loss)]) throws {
    let movers = losses.map { player, loss in
      guard let contestant = contestants.first(where: { $0.player === player }) else {
        preconditionFailure("Trainer: expected one of the game's players to move, got '\(player.name)'")
      }
      return (contestant: contestant, loss: loss)
    }
    // Gradients and steps are those of the parameters' own type.
    try outsidePrecision(options.precision, on: device) {
      let means = movers.map { $0.loss.value.mean() }
      for (mover, mean) in zip(movers, means) {
        vitals.note(mover.loss, mean: mean, of: mover.contestant.player, at: progress.step)
      }
      // Before any step: a bad number of one player stops the whole move.
      try look()
      let gradients = zip(movers, means).enumerated().map { index, pair in
        pair.0.contestant.gradients(of: pair.1, retainGraph: index < movers.count - 1)
      }
      try peers?.average(gradients.flatMap(\.self))
      let norms = zip(movers, gradients).map { mover, gradients in
        // A pass over all gradients, so only where someone wants to know.
        mover.contestant.needsNorms || isLogged(progress.step + 1) ? Torch.norms(gradients) : nil
      }
      for (mover, norms) in zip(movers, norms) {
        guard let norms else { continue }
        let (player, names) = (mover.contestant.player, mover.contestant.names)
        vitals.note(gradientNorms: norms, of: player, names: names, at: progress.step)
      }
      try look()
      for (index, mover) in movers.enumerated() {
        let rate = rate(mover.contestant.player.side, clock)
        mover.contestant.move(gradients[index], norms: norms[index], rate: rate, at: progress.step)
      }
    }
  }

  public func note(_ loss: Loss, of player: Player) throws {
    vitals.note(loss, mean: loss.value.mean(), of: player, at: progress.step)
    try look()
  }

  /// Whether validations compare checkpoints.
  private var isScored: Bool { validation != nil && game.score != nil }

  private func rate(_ side: Player.Side, _ clock: Clock) -> Double {
    options[side].learningRate(clock) * progress.rateFactor(side)
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
      // Whoever is asked, all stop after the same round.
      if try peers?.any(shouldStop()) ?? shouldStop() {
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
        // The last one comes last: what a kill leaves out before it, the run that goes on writes again.
        if isKept { try writeCheckpoint(.step(progress.step)) }
        try writeLast()
        lastCheckpoint = Date()
        started = Date()
      }
    }
    if outcome == .interrupted {
      try checkNumbers()
      try writeLast()
    }
    return outcome
  }

  private func round() throws {
    try withStepErrors {
      try TrainingMode.run(using: rng) {
        try withPrecision(options.precision, on: device) {
          guard let peers, sharesRound else { return try game.play(self) }
          try peers.share { try game.play(self) }
        }
      }
    }
  }

  /// Runs `body` and says of a failure of libtorch in it, such as a lack of memory, in which step it was.
  private func withStepErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try withTensorErrors(body) } catch let error as TensorError {
      throw TrainingError.failed(error, step: progress.step, isKept: run.hasCheckpoints)
    }
  }

  /// Throws if a loss, a gradient or a parameter has not been finite, so that no checkpoint ever holds one.
  private func checkNumbers() throws(TrainingError) {
    // The notes first: on a device that runs ahead, a bad loss has spoilt the optimizer's state by now.
    try vitals.read()
    for contestant in contestants { try contestant.check(at: progress.step) }
  }

  /// On the CPU a look at the vital signs costs nothing; elsewhere it would wait for the device.
  private func look() throws(TrainingError) {
    guard device == .cpu else { return }
    do { try vitals.read() } catch {
      // Behind a bad loss may be a gradient that was bad before it.
      for contestant in contestants { try contestant.check(at: progress.step) }
      throw error
    }
  }

  private func isLogged(_ step: Int) -> Bool { step % options.logEvery == 0 || step == totalSteps }

  // MARK: Writing

  private func report(_ kind: LogRecord.Kind, _ values: [(key: String, value: Double)]) throws {
    guard let log else { return }
    let record = LogRecord(kind: kind, step: progress.step, epoch: clock.epoch, values: values)
    try log.append(record)
    try withAverages { try observer.logged(record) }
  }

  private func writeLog() throws {
    try vitals.read()
    let clock = clock(progress.step - 1)
    let sides = Player.Side.allCases.filter { side in
      contestants.contains { $0.player.side == side && !$0.player.movesItself }
    }
    var averages = vitals.averages(contestants.map(\.player))
    if let peers {
      averages = zip(averages, try peers.averages(averages.map(\.value))).map { (key: $0.key, value: $1) }
    }
    try report(
      .train,
      averages
        + sides.map { (Self.rateKey($0), rate($0, clock)) } + [("training_seconds", progress.seconds)])
  }

  private static func rateKey(_ side: Player.Side) -> String {
    side == .model ? "learning_rate" : "learning_rate_\(side.rawValue)"
  }

  private func validate() throws {
    guard isScored, let validation, let score = game.score else { return }
    // The first process scores for all.
    let own = log == nil ? 0 : try withAverages { try self.mean(score, validation) }
    let mean = try peers?.first(own) ?? own
    guard mean.isFinite else { throw TrainingError.nonFiniteScore(score.key, step: progress.step) }
    let plateaus = Player.Side.allCases.reduce(into: [:]) { $0[$1] = options[$1].plateau }
    let isBest = progress.record(mean, rises: score.rises, plateaus: plateaus)
    try report(.validation, [(score.key, mean)])
    if isBest { try writeCheckpoint(.best) }
  }

  /// The mean score over `examples`, with the same noise at every validation so that scores compare.
  private func mean(_ score: Score, _ examples: DeviceExamples) throws -> Double {
    func stream() -> RandomSource { .derived(seed: options.seed, Stream.validation, device: device) }
    let noise = stream()
    return try withStepErrors {
      try withPrecision(options.precision.ofNetworks, on: device) {
        try withoutGradients {
          let rows = try validationRows ?? self.rows(of: score, examples, using: stream())
          validationRows = rows
          let sums = try RowBlocks.ranges(examples.count, size: rows).map { range in
            score.value(try examples.batch(range, using: noise), noise).sum()
          }
          return Tensor.stacked(sums).to(.float64).sum().item() / Double(examples.count)
        }
      }
    }
  }

  /// How many validation examples are scored at once.
  private func rows(of score: Score, _ examples: DeviceExamples, using rng: RandomSource) throws -> Int {
    // Two, as there are means over pairs of rows.
    let few = 2
    guard examples.count > few else { return examples.count }
    let rows = try RowBlocks.rows(upTo: Self.validationBatch / few) {
      _ = score.value(try examples.batch(0..<few, using: rng), rng)
    }
    return rows * few
  }

  /// Runs `body` with moving averages in the place of the weights of the sides that keep some.
  private func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
    let averages = contestants.compactMap(\.average)
    for average in averages { average.swap() }
    defer { for average in averages { average.swap() } }
    return try body()
  }

  /// Writes the last checkpoint, which is the best one too where nothing compares them.
  private func writeLast() throws {
    if !isScored { try writeCheckpoint(.best) }
    try writeCheckpoint(.last)
  }

  private func writeCheckpoint(_ name: CheckpointName) throws {
    // Everybody's random state is the same, and so is the rest.
    guard log != nil else { return }
    var tensors: [String: Tensor] = ["random.state": rng.state]
    for (name, tensor) in game.namedTensors { tensors["model.\(name)"] = tensor }
    for (name, tensor) in contestants.flatMap(\.optimizerTensors) { tensors["optimizer.\(name)"] = tensor }
    for (name, tensor) in contestants.flatMap(\.averageTensors) { tensors["average.\(name)"] = tensor }
    try Checkpoint(progress: progress, tensors: tensors).write(to: run.checkpoint(name))
  }
}
