import Foundation

/// Two half circles of which six points have labels: the problem of Maaløe et al. 2016, section 4.2.
///
/// The unit half circles are shifted so that their coordinates are positive. The first six training examples are the
/// labelled points of the authors' code; the class of all others is not known. All test examples have classes.
enum HalfMoons {
  /// The labelled points, class 0 and then class 1.
  static let labelled: [(x: Double, y: Double)] = [
    (0.7, 1.7), (1.6, 2.6), (2.7, 1.7), (1.6, 2), (2.7, 1.1), (3.5, 2),
  ]

  /// What is added to both coordinates.
  private static let shift = 1.7

  /// The set with this deviation of the noise.
  static func entry(_ name: String, _ summary: String, noise: Double) -> DataCatalog.Entry {
    let info = DatasetInfo(
      name: name, summary: summary, shape: [2], classCount: 2, counts: [.train: 10_000, .test: 10_000],
      licence: "generated, free of rights", origin: DatasetInfo.generated)
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      let count = info.count(split, options) ?? 0
      var generator = SplitMix64(seed: streamSeed(options.seed, split))
      let known = split == .train ? Array(labelled.prefix(count)) : []
      var values: [Float] = known.flatMap { [Float($0.x), Float($0.y)] }
      var labels: [Int32] = known.indices.map { Int32($0 / 3) }
      for index in known.count..<count {
        let angle = Double.pi * generator.uniform()
        let isTop = index.isMultiple(of: 2)
        let (x, y) = isTop ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
        values += [
          Float(x + shift + noise * generator.normal()), Float(y + shift + noise * generator.normal()),
        ]
        labels.append(split == .train ? Examples.unlabelled : isTop ? 0 : 1)
      }
      return try Examples(
        name: "\(name) \(split.rawValue)", storage: .floats(values), shape: [2],
        labels: options.labels ? labels : nil, classCount: options.labels ? 2 : nil)
    }
  }
}
