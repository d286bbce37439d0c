import Datasets
import Foundation
import Systems
import Torch
import Training

/// The stages of a pipeline on their threads, and the one thread that starts them and keeps the record.
struct StagesAtWork {
  var record: PipelineRecord
  let runs: [String: RunDirectory]
  /// With the number of threads that the process uses, so that no stage changes it.
  let settings: [String: RunSettings]
  let place: DatasetOptions
  let isSerial: Bool
  /// Whether the run that they are stages of has compared its data with those it began with.
  let knowsData: Bool
  let shouldStop: @Sendable () -> Bool
  /// Keeps the record.
  let keep: (PipelineRecord) throws -> Void

  private let board = Board()
  /// Held while a stage begins, as two must not download the same file or write it to the cache.
  private let beginning = NSLock()
  var running = 0
  var failures: [(stage: String, error: any Error)] = []

  /// Starts what is ready, until nothing is left or something has stopped.
  mutating func run(_ observer: (String) -> any TrainingObserver) throws -> PipelineRecord {
    do {
      try keep(record)
      while true {
        try startReady(observer)
        guard running > 0 else { break }
        note(board.next())
        try keep(record)
      }
    } catch {
      // The record cannot be kept: the stages leave checkpoints first, and what one of them failed with goes before.
      board.stop()
      while running > 0 { note(board.next()) }
      if failures.isEmpty { throw error }
    }
    guard failures.isEmpty else { throw PipelineFailure(failures) }
    return record
  }

  private mutating func startReady(_ observer: (String) -> any TrainingObserver) throws {
    for index in record.stages.indices where isReady(record.stages[index]) {
      if shouldStop() { board.stop() }
      if isSerial && running > 0 || board.isStopping { return }
      record.stages[index].state = .training
      try keep(record)
      start(record.stages[index].name, observer(record.stages[index].name))
      running += 1
    }
  }

  /// Whether a stage has something to do and those before it have not.
  private func isReady(_ stage: PipelineRecord.Entry) -> Bool {
    (stage.state == .waiting || stage.state == .interrupted)
      && record.stages.filter { stage.after.contains($0.name) }.allSatisfy(\.state.isOver)
  }

  private mutating func note(_ news: Board.News) {
    running -= 1
    let index = record.stages.firstIndex { $0.name == news.stage }!
    switch news.result {
    case .success(let outcome):
      record.stages[index].state =
        switch outcome {
        case .finished: .finished
        case .stoppedEarly: .stoppedEarly
        case .interrupted: .interrupted
        }
    case .failure(let error):
      record.stages[index].state = .failed
      record.stages[index].error = "\(error)"
      failures.append((news.stage, error))
    }
  }

  /// As large as a main thread's: what runs there runs here.
  private static let stackSize = 8 << 20

  /// Gradient mode, autocast and the last error of libtorch belong to a thread, so that every stage has its own. A task
  /// would change threads.
  private func start(_ name: String, _ observer: any TrainingObserver) {
    let (run, settings, place, knowsData) = (runs[name]!, settings[name]!, place, knowsData)
    let (board, beginning, shouldStop) = (board, beginning, shouldStop)
    // From here on the stage's thread alone uses it.
    nonisolated(unsafe) let observer = observer
    let thread = Thread {
      let result = Result {
        try Self.train(
          settings, in: run, place: place, knowsData: knowsData, beginning: beginning, observer: observer
        ) {
          board.isStopping || shouldStop()
        }
      }
      board.post(.init(stage: name, result: result))
    }
    thread.name = name
    thread.stackSize = Self.stackSize
    thread.start()
  }

  /// Begins the run of a stage or goes on with it, and writes its report once it is over.
  private static func train(
    _ settings: RunSettings, in run: RunDirectory, place: DatasetOptions, knowsData: Bool, beginning: NSLock,
    observer: any TrainingObserver, shouldStop: () -> Bool
  ) throws -> Outcome {
    let training = try beginning.withLock {
      let training =
        try run.exists
        ? Run.resume(settings, in: run, place: place, acceptsOtherData: knowsData)
        : Run.begin(settings, in: run, place: place)
      let dataset = try training.dataset()
      for split in Split.allCases where dataset.has(split) { _ = try dataset.examples(split) }
      return training
    }
    let (outcome, _) = try training.train(observer: observer, shouldStop: shouldStop)
    if outcome != .interrupted { try training.finish() }
    return outcome
  }
}

/// What the threads of stages tell the thread that started them, and it them.
private final class Board: @unchecked Sendable {
  /// A stage that has come to its end.
  struct News {
    let stage: String
    let result: Result<Outcome, any Error>
  }

  // Every access to the two below holds its lock.
  private let condition = NSCondition()
  private var news: [News] = []
  private var hasStopped = false

  /// Whether all stages are to stop at their next round.
  var isStopping: Bool { condition.withLock { hasStopped } }

  /// Tells all stages to stop.
  func stop() { condition.withLock { hasStopped = true } }

  /// A stage that has not come to a good end stops all others.
  func post(_ item: News) {
    condition.withLock {
      news.append(item)
      switch item.result {
      case .success(.finished), .success(.stoppedEarly): break
      case .success(.interrupted), .failure: hasStopped = true
      }
      condition.signal()
    }
  }

  /// The next end of a stage; waits for it.
  func next() -> News {
    condition.withLock {
      while news.isEmpty { condition.wait() }
      return news.removeFirst()
    }
  }
}
