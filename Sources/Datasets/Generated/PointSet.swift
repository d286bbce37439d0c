/// A distribution over the plane or over space, for seeing what a model does.
///
/// Shapes, sizes and noise of those in the plane follow the toy densities of Grathwohl et al. 2019 (FFJORD, `toy_data.py`);
/// classes take turns, so that every prefix is balanced.
public struct PointSet: Sendable {
  /// One drawn point.
  struct Point: Sendable {
    /// The coordinates, as many as the set has dimensions.
    let coordinates: [Double]
    /// The numbers the point was made from, in the order of ``PointSet/factors``.
    let factors: [Double]

    init(_ coordinates: Double..., factors: [Double] = []) {
      (self.coordinates, self.factors) = (coordinates, factors)
    }
  }

  /// The name on the command line.
  public let name: String
  /// One line that says what it looks like.
  public let summary: String
  /// How many coordinates a point has.
  public internal(set) var dimension = 2
  /// The number of components, 1 if the set is one curve.
  public let classCount: Int
  /// The names of the known factors.
  public let factors: [String]
  /// The standard deviation of the noise by default, in the units of the drawn coordinates.
  public let noise: Double
  /// Where the components are, if each is a round Gaussian.
  var modes: KnownModes? = nil
  /// Draws a point of a component; `noise` scales the part that leaves the component's centre line.
  let draw: @Sendable (_ component: Int, _ noise: Double, inout SplitMix64) -> Point

  /// Draws `count` examples of shape `[dimension]`; the same seed gives the same points.
  ///
  /// - Parameter noise: replaces the default; 0 puts every point on its centre line.
  public func examples(
    count: Int, noise: Double? = nil, seed: UInt64
  ) throws(DatasetError) -> Examples {
    guard count > 0 else {
      throw .invalid(subject: "\(name), count", expected: "a positive number", got: "\(count)")
    }
    var generator = SplitMix64(seed: seed)
    var values: [Float] = []
    values.reserveCapacity(dimension * count)
    var columns = Array(repeating: [Float](), count: factors.count)
    for index in 0..<count {
      let point = draw(index % classCount, noise ?? self.noise, &generator)
      values += point.coordinates.map { Float($0) }
      for (column, value) in point.factors.enumerated() { columns[column].append(Float(value)) }
    }
    let hasClasses = classCount > 1
    return try Examples(
      name: name, storage: .floats(values), shape: [dimension],
      labels: hasClasses ? (0..<count).map { Int32($0 % classCount) } : nil,
      classCount: hasClasses ? classCount : nil,
      factors: factors.isEmpty ? nil : Dictionary(uniqueKeysWithValues: zip(factors, columns)))
  }
}

extension DataCatalog.Entry {
  /// A point set as a named data set; the test split has a stream of random numbers of its own.
  static func points(_ set: PointSet) -> DataCatalog.Entry {
    let info = DatasetInfo(
      name: set.name, summary: set.summary, shape: [set.dimension],
      classCount: set.classCount > 1 ? set.classCount : nil,
      counts: [.train: 10_000, .test: 10_000], licence: "generated, free of rights",
      origin: DatasetInfo.generated, modes: set.modes)
    return DataCatalog.Entry(info: info) { (split, options) throws(DatasetError) in
      let count = info.count(split, options) ?? 0
      let examples = try set.examples(count: count, seed: streamSeed(options.seed, split))
      return options.labels
        ? examples.renamed("\(set.name) \(split.rawValue)")
        : try Examples(
          name: "\(set.name) \(split.rawValue)", storage: examples.storage, shape: examples.shape,
          factors: examples.factors)
    }
  }
}

/// The seed of a split of a generated set: training and test examples must not be the same ones.
func streamSeed(_ seed: UInt64, _ split: Split) -> UInt64 {
  let stream: UInt64 = split == .train ? 0 : 1
  var generator = SplitMix64(seed: seed, stream: stream)
  return generator.next()
}
