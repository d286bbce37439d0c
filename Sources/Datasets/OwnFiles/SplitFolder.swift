extension ImageFolder {
  /// The parts of a folder whose sub-folders are splits, such as `train` and `test`; nil for a folder of classes.
  ///
  /// The sub-folders of a split are its classes, as those of ``ImageFolder`` are. Names stay relative to this folder.
  func parts() throws(DatasetError) -> [Split: ImageFolder]? {
    guard let labels else { return nil }
    let splits = classNames.map(Split.init(folder:))
    let found = Set(splits.compactMap(\.self))
    // One such name among others is that of a class: there are photos of trains.
    guard found.count > 1 || found.count == 1 && splits.count == 1 else { return nil }
    guard found.contains(.train), splits.count == found.count else {
      throw .invalid(
        subject: "'\(path)'",
        expected: "sub-folders of classes, or of splits: one named 'train', others 'validation' or 'test'",
        got: listed(classNames.map { quoted($0.utf8) }))
    }
    var parts: [Split: ImageFolder] = [:]
    for (number, split) in splits.enumerated() {
      guard let split else { continue }
      let indices = labels.indices.filter { labels[$0] == Int32(number) }
      parts[split] = try selecting(indices).withClasses(below: classNames[number])
    }
    return parts
  }

  /// The pictures below a sub-folder with its own sub-folders as classes.
  private func withClasses(below folder: String) throws(DatasetError) -> ImageFolder {
    // Names are relative to the folder above: "train/cat/1.png" is of class "cat", "train/1.png" of none.
    let classes = files.map { file in
      let names = file.bytes.split(separator: UInt8(ascii: "/"))
      return names.count > 2 ? Array(names[1]) : nil
    }
    guard let flat = classes.firstIndex(of: nil) else { return labelled(byName: classes.compactMap(\.self)) }
    if let deep = classes.firstIndex(where: { $0 != nil }) {
      throw .invalid(
        subject: "'\(path)/\(folder)'", expected: "pictures in it or in its sub-folders, not both",
        got: "'\(names[flat])' and '\(names[deep])'")
    }
    return withoutClasses()
  }
}

extension Split {
  /// The split that a folder's name says; nil for other names.
  fileprivate init?(folder name: String) {
    switch name.lowercased() {
    case "train", "training": self = .train
    case "val", "valid", "validation": self = .validation
    case "test", "testing": self = .test
    default: return nil
    }
  }
}
