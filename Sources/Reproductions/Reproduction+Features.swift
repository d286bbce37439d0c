import Datasets
import Evaluation
import Foundation
import Runs
import Torch
import Training

// The networks that images are seen through.
extension Reproduction {
  /// Where feature networks and what they make of data are kept: in the user's cache, but at scale smoke beside the
  /// results, as its network is too weak to be anybody's.
  var featurePlace: DatasetOptions {
    var place = place
    if scale == .smoke { place.cacheDirectory = directory }
    return place
  }

  /// The same for a data set whose network may have been put beside the results, for all machines that share them.
  func featurePlace(of data: String) -> DatasetOptions {
    var place = featurePlace
    if FileManager.default.fileExists(atPath: FeatureNetworks.defaultFile(for: data, cache: directory)) {
      place.cacheDirectory = directory
    }
    return place
  }

  /// The SHA-256 of the feature network of a data set, which is trained where there is none yet; nil if that was
  /// stopped.
  ///
  /// - Parameter isShared: whether other machines may work in the same directory, where the network is then put.
  func features(
    of data: String, _ isShared: Bool, _ observer: any TrainingObserver, _ shouldStop: () -> Bool
  ) throws -> String? {
    lookingForFeatures.lock()
    defer { lookingForFeatures.unlock() }
    let manager = FileManager.default
    let beside = FeatureNetworks.defaultFile(for: data, cache: directory)
    if manager.fileExists(atPath: beside) { return try fileHash(beside) }
    let file = FeatureNetworks.defaultFile(for: data, cache: featurePlace.cacheDirectory)
    if !manager.fileExists(atPath: file) {
      guard try train(data, to: file, observer, shouldStop) else { return nil }
    }
    guard isShared, file != beside else { return try fileHash(file) }
    try manager.createDirectory(atPath: parentDirectory(of: beside), withIntermediateDirectories: true)
    // The first machine's is that of all: a link is made whole or not at all.
    let copy = "\(beside).\(UUID().uuidString).partial"
    try manager.copyItem(atPath: file, toPath: copy)
    defer { try? manager.removeItem(atPath: copy) }
    guard link(copy, beside) == 0 || errno == EEXIST else {
      throw FileError(beside, "cannot write the file: \(String(cString: strerror(errno)))")
    }
    return try fileHash(beside)
  }

  /// Trains a feature network, or waits for another process that does; false if it was stopped.
  private func train(
    _ data: String, to file: String, _ observer: any TrainingObserver, _ shouldStop: () -> Bool
  ) throws -> Bool {
    var settings = FeatureSettings(data: data)
    if scale == .smoke { (settings.epochs, settings.limit) = (1, 500) }
    while !FileManager.default.fileExists(atPath: file) {
      do {
        return try FeatureTraining(settings, to: file, place).train(observer: observer, shouldStop: shouldStop).hash
          != nil
      } catch TrainingError.locked {
        if shouldStop() { return false }
        Thread.sleep(forTimeInterval: Self.waiting)
      }
    }
    return true
  }

  /// Seconds between two looks for what another process is making.
  private static let waiting = 0.5
}
