import Foundation

extension Dataset {
  /// The user's own `.npy` array as a set that has a training split only.
  static func array(
    at path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> Dataset {
    let array = try NPY.decode(try readFile(path), file: path)
    let beside = String(path.dropLast(".npy".count)) + ".labels.npy"
    var labels: DataArray?
    if options.labels, FileManager.default.fileExists(atPath: beside) {
      options.log("\(path): labels from \(beside)")
      labels = try NPY.decode(try readFile(beside), file: beside)
    }
    let examples = try Examples(array, labels: labels)
    let info = DatasetInfo(
      name: path, summary: "an array of \(array.element.rawValue)", shape: examples.shape,
      classCount: examples.classCount, counts: [.train: examples.count],
      isBinary: examples.isBinary, licence: "the user's own", origin: path)
    return Dataset(info: info, options: options) { (_, _) throws(DatasetError) in examples }
  }

  /// The user's own folder of pictures as a set that has a training split only.
  static func folder(
    at path: String, _ options: DatasetOptions
  ) throws(DatasetError) -> Dataset {
    let folder = try ImageFolder(path, log: options.log)
    let examples = try folder.examples(options.images, labels: options.labels, log: options.log)
    let info = DatasetInfo(
      name: path, summary: "a folder of pictures", shape: examples.shape,
      classCount: examples.classCount, counts: [.train: examples.count],
      licence: "the user's own", origin: path)
    return Dataset(info: info, options: options) { (_, _) throws(DatasetError) in examples }
  }
}
