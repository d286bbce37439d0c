/// Four binary images of 2 x 2 pixels, each with another pixel lit: the synthetic set of Mescheder et al. 2017, section
/// 5.2.
///
/// No model that gives the four points all of its mass has a mean log likelihood above -log 4 = -1.386294 nats. They
/// come in turns of four, each turn in an order of its own, so that every fourth prefix has as many of each; the class
/// of an image is the place of its lit pixel.
enum FourPoints {
  /// How many points.
  static let count = 4

  /// The set.
  static let entry: DataCatalog.Entry = {
    let info = DatasetInfo(
      name: "four-points", summary: "four binary images of 2 x 2 pixels, one pixel lit in each", shape: [1, 2, 2],
      classCount: count, counts: [.train: 10_000, .test: 10_000], isBinary: true, licence: "generated, free of rights",
      origin: DatasetInfo.generated,
      modes: KnownModes((0..<count).map { place in (0..<count).map { $0 == place ? 1 : 0 } }, deviation: 0))
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      var generator = SplitMix64(seed: streamSeed(options.seed, split))
      let places = places(info.count(split, options) ?? 0, using: &generator)
      return try Examples(
        name: "four-points \(split.rawValue)",
        storage: .bytes(places.flatMap { place in (0..<count).map { $0 == place ? 1 : 0 } }), shape: info.shape,
        labels: options.labels ? places.map(Int32.init) : nil, classCount: options.labels ? count : nil, isBinary: true)
    }
  }()

  /// Which pixel is lit, turn after turn.
  private static func places(_ length: Int, using generator: inout SplitMix64) -> [Int] {
    var places: [Int] = []
    while places.count < length { places += generator.permutation(count) }
    return Array(places.prefix(length))
  }
}
