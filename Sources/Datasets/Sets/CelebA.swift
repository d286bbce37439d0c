import Foundation

extension DataCatalog.Entry {
  /// Faces of celebrities, aligned and cropped (Liu, Luo, Wang & Tang 2015), in the published splits.
  static let celebA = celebA(counts: [.train: 162_770, .validation: 19_867, .test: 19_962])

  /// The set with other counts, for tests; the splits follow each other in the order of the file's numbers.
  ///
  /// The pictures are cut to the face, 128 of 178 x 218 pixels, and resized to 64 unless ``DatasetOptions/images``
  /// says otherwise.
  static func celebA(counts: [Split: Int]) -> DataCatalog.Entry {
    let info = DatasetInfo(
      name: "celeba", summary: "faces of celebrities, coloured", shape: [3, 64, 64],
      classCount: nil, counts: counts,
      licence: "non-commercial research only; not to be passed on, so never downloaded from here",
      origin: "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html")
    return DataCatalog.Entry(info: info, imageOptions: celebAOptions, takesBadFiles: true) {
      (split, options) throws(DatasetError) in
      let folder = try celebAFolder(info, options)
      let before = split == .train ? [] : split == .validation ? [.train] : [Split.train, .validation]
      let start = before.reduce(0) { $0 + (counts[$1] ?? 0) }
      return try folder.selecting(start..<start + (counts[split] ?? 0)).examples(
        celebAOptions(options.images), name: "celeba \(split.rawValue)", log: options.log)
    }
  }

  private static func celebAOptions(_ wishes: ImageOptions) -> ImageOptions {
    var options = wishes
    options.crop = wishes.crop ?? 128
    options.size = wishes.size ?? 64
    options.channels = wishes.channels ?? 3
    return options
  }

  /// The user's folder with every picture of the set in it, number by number.
  private static func celebAFolder(
    _ info: DatasetInfo, _ options: DatasetOptions
  ) throws(DatasetError) -> ImageFolder {
    let root = options.dataRoot.map { $0 + "/celeba" }
    let places = root.map { [$0 + "/img_align_celeba", $0] } ?? []
    guard let path = places.first(where: isFolder) else {
      throw .unavailable(
        set: "celeba", file: "img_align_celeba",
        attempts: [
          options.dataRoot.map { "data root '\($0)': no folder 'celeba' in it" }
            ?? "data root: none given (--data-root or HELMHOLTZ_DATA)",
          "network: the set's terms forbid passing it on; get img_align_celeba.zip from "
            + "\(info.origin) and unpack it into <data root>/celeba",
        ])
    }
    let folder = try ImageFolder(path, log: options.log)
    let count = info.counts.values.reduce(0, +)
    guard folder.names.count == count, folder.classNames.isEmpty else {
      throw .invalid(
        subject: "'\(path)'", expected: "\(count) pictures",
        got: "\(folder.names.count)"
          + (folder.classNames.isEmpty ? "" : " in \(folder.classNames.count) sub-folders"))
    }
    for (index, name) in folder.names.enumerated() where Int(name.prefix { $0 != "." }) != index + 1 {
      throw .invalid(
        subject: "'\(path)', picture \(index + 1)", expected: "a name with the number \(index + 1)",
        got: "'\(name)'")
    }
    return folder
  }
}
